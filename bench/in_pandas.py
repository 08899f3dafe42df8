"""The usual way to analyse a session: fetch all rows, then use pandas. Only this benchmark needs pandas."""

from typing import Any

import psycopg

_READINGS = """
select t.name, d.recorded_at, d.x, d.y, d.z
from app.sensor_data as d join app.sensor_types as t on t.id = d.sensor_type_id
where d.recording_id = (select id from app.recording_sessions)
order by d.sensor_type_id, d.recorded_at
"""
# The sample_rate of the pushes is 50 Hz; a gap is longer than three intervals.
_GAP_S = 3 / 50
_SENSITIVITY = 3.0


def in_pandas(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Returns, per sensor, the results of session_analysis() for three axes, without rates and distance."""
    import pandas  # type: ignore[import-not-found,import-untyped,unused-ignore]

    rows = connection.execute(_READINGS).fetchall()
    frame = pandas.DataFrame(rows, columns=["sensor", "recorded_at", "x", "y", "z"])
    frame["magnitude"] = (frame.x**2 + frame.y**2 + frame.z**2) ** 0.5
    # The session begins and ends with the first and the last reading of any sensor.
    begin, end = frame.recorded_at.min(), frame.recorded_at.max()
    return {str(sensor): _of_sensor(part, begin, end) for sensor, part in frame.groupby("sensor")}


def _of_sensor(part: Any, begin: Any, end: Any) -> dict[str, Any]:
    axes = part[["x", "y", "z", "magnitude"]].agg(["mean", "std", "min", "max"])
    intervals = part.recorded_at.diff().dt.total_seconds()
    scores = (part.magnitude - axes.magnitude["mean"]) / axes.magnitude["std"]
    is_gap = intervals > _GAP_S
    edges = [(part.recorded_at.iloc[0] - begin).total_seconds(), (end - part.recorded_at.iloc[-1]).total_seconds()]
    gaps_at_edges = [seconds for seconds in edges if seconds > _GAP_S]
    return {
        "count": len(part),
        "axes": axes.to_dict(),
        "quality": {
            "gap_count": int(is_gap.sum()) + len(gaps_at_edges),
            "max_gap_s": max([intervals.max(), *gaps_at_edges]),
            "jitter_ms": intervals[~is_gap].std() * 1000,
        },
        "anomalies": int((scores.abs() > _SENSITIVITY).sum()),
    }
