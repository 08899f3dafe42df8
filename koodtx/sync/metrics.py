"""What /metrics shows of sync."""

from prometheus_client import Counter

READINGS = Counter("koodtx_pushed_readings", "Readings of pushes, by what became of them.", ["outcome"])
PULLED = Counter("koodtx_pulled_readings", "Readings sent by pulls.")
