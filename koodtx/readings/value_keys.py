"""Which key of a sensor has the number that goes to the column `value`: numbers decide it, once per user and sensor."""

from collections import Counter
from collections.abc import Iterable

from koodtx.readings.blocks import Group
from koodtx.readings.column_rules import COLUMNS, count_numbers

_MAX_LENGTH = 64
# Of a sensor with several numeric keys, the one that its name stands for.
_KNOWN_KEYS = (
    "pressure", "heart_rate", "heartRate", "bpm", "light", "lux", "illuminance", "steps", "step_count", "stepCount",
    "temperature", "humidity", "proximity", "distance", "level", "decibel", "dB", "value",
)  # fmt: skip


def proposed_value_keys(groups: Iterable[Group]) -> dict[str, str]:
    """Returns, by sensor, the value key that all its readings in these groups propose; no entry: no number does.

    Only numbers that the column holds count. So what was stored before the decision would be stored in the same way.
    """
    counts: dict[str, Counter[str]] = {}
    for group in groups:
        for key, values in group.values.items():
            if _may_be_chosen(key) and (count := count_numbers(values, "value")):
                counts.setdefault(group.sensor, Counter())[key] += count
    return {sensor: value_key(by_key) for sensor, by_key in counts.items()}


def value_key(counts: Counter[str]) -> str:
    """Returns the key for readings of which so many have a number under each key.

    Keys with fewer than half as many numbers as the most frequent one are out. Of the others the first of the known
    keys; without one, the most frequent; of equally frequent ones, the first by name.
    """
    most = max(counts.values())
    frequent = {key: count for key, count in counts.items() if 2 * count >= most}
    known = [key for key in _KNOWN_KEYS if key in frequent]
    return known[0] if known else min(frequent, key=lambda key: (-frequent[key], key))


def _may_be_chosen(key: str) -> bool:
    is_column = key in COLUMNS and key != "value"
    return not is_column and len(key) <= _MAX_LENGTH and "\0" not in key
