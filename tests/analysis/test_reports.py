"""analytics.session_analysis, session_series and what is asked of a user."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.analysis.results import SessionAnalysis, SessionMetrics
from tests.oracles.chart import points
from tests.oracles.track import Fix, minutes, total
from tests.support.readings import START_MS, reading_at, series

pytestmark = pytest.mark.integration


def test_the_analysis_of_a_session(record, ask):
    fixes = [reading_at(n, "gps", latitude=n / 10_000, longitude=0.0, accuracy=5 + 30 * n) for n in range(3)]
    motion = [reading_at(n / 10, x=0.0, y=0.0, z=9.0 + n % 2) for n in range(21)]
    motion.append(reading_at(2.1, x=0.0, y=0.0, z=99.0))
    session = record(motion + fixes, sample_rate=10)
    [row] = ask("select analytics.session_analysis(%s, 3, 20) as found", session)
    found = row["found"]
    assert found.keys() == {
        "session_id", "duration_s", "record_count", "complete_as_of", "sensitivity", "sensors", "distance", "anomalies",
    }  # fmt: skip
    assert (found["session_id"], found["duration_s"], found["record_count"]) == ("recording-0", 2.1, 25)
    [session_row] = ask(
        "select analytics.iso_time(updated_at) as at from analytics.sessions where recording_id = %s", session
    )
    assert found["complete_as_of"] == session_row["at"]
    sensor = found["sensors"]["accelerometer"]
    assert sensor.keys() == {"count", "axes", "quality"}
    assert sensor["axes"].keys() == {"x", "y", "z", "magnitude"}
    assert sensor["axes"]["z"].keys() == {"count", "mean", "std", "min", "max", "peak_to_peak"}
    assert sensor["quality"].keys() == {
        "achieved_hz", "expected_hz", "expected_from", "expected_count", "coverage", "gap_count", "max_gap_s",
        "jitter_ms", "outside_count", "numbers_as_text", "first_at", "last_at",
    }  # fmt: skip
    assert found["distance"] == {
        "sensor": "gps", "raw_m": pytest.approx(22.239, abs=1e-3), "gated_m": None, "moving_m": None, "unjoined_s": 0,
        "accuracy_max_m": 20, "fixes": 3, "fixes_used": 1,
    }  # fmt: skip
    assert found["anomalies"] == {
        "accelerometer": {"count": 1, "ratio": pytest.approx(1 / 22)},
        "gps": {"count": 0, "ratio": 0},
    }


def test_what_the_first_scan_finds_is_looked_for(record, ask):
    """Positions and nothing else; numbers as text in a sensor without axes."""
    fixes = [reading_at(n, "gps", latitude=n / 10_000, longitude=0.0) for n in range(3)]
    [row] = ask("select analytics.session_analysis(%s) as found", record(fixes))
    assert row["found"]["distance"]["gated_m"] == pytest.approx(22.239, abs=1e-3)
    texts = [reading_at(n, "scale", weight="70.5", unit="kg") for n in range(4)]
    session = record([*fixes, *texts])
    for function in ("session_analysis", "metrics_report"):
        [row] = ask(f"select analytics.{function}(%s) as found", session)
        counts = {name: one["quality"]["numbers_as_text"] for name, one in row["found"]["sensors"].items()}
        assert counts == {"gps": 0, "scale": 4}


def test_archived_readings_are_still_measured(record, ask, db):
    """By the same numbers as before; what was recorded later stands beside them."""
    readings = [reading_at(n, "weather", pressure=1000 + n, humidity=n / 8) for n in range(10)]
    readings.append(reading_at(5, "gps", latitude=37.5, altitude=50, accuracy=5))
    session = record(readings)
    query = "select analytics.{}(%s) as found"
    functions = ("session_analysis", "metrics_report")
    before = [ask(query.format(name), session)[0]["found"] for name in functions]
    assert all("archived_axes" not in found for found in before)
    db.execute("select app.archive_readings(%s)", [session])
    later = [reading_at(86_400, "weather", pressure=5)]
    record(later, session_id="recording-0")
    for name, old in zip(functions, before, strict=True):
        [row] = ask(query.format(name), session)
        assert row["found"]["archived_axes"] == {sensor: one["axes"] for sensor, one in old["sensors"].items()}
        assert {sensor: one["count"] for sensor, one in row["found"]["sensors"].items()} == {"weather": 1}
        assert row["found"]["archived_count"] == 11
        assert msgspec.convert(row["found"], SessionAnalysis if name == "session_analysis" else SessionMetrics)


def test_the_parts_say_the_same_as_the_whole(record, ask):
    session = record(series([20.0, 21.0] * 20 + [90.0]) + [reading_at(n, x=1.0, y=n % 3, z=2.0) for n in range(41)])
    [whole] = ask("select analytics.session_analysis(%s) as found", session)
    [metrics] = ask("select analytics.metrics_report(%s) as found", session)
    [anomalies] = ask("select analytics.anomaly_report(%s) as found", session)
    assert whole["found"]["sensors"] == metrics["found"]["sensors"]
    assert whole["found"]["anomalies"] == {
        name: {"count": sensor["anomalies"], "ratio": sensor["ratio"]}
        for name, sensor in anomalies["found"]["sensors"].items()
    }
    assert whole["found"]["anomalies"]["thermometer"]["count"] == 1


def test_a_session_without_readings(record, ask):
    [row] = ask("select analytics.session_analysis(%s) as found", record([]))
    found = row["found"]
    assert (found["sensors"], found["anomalies"], found["distance"], found["record_count"]) == ({}, {}, None, 0)
    assert found["duration_s"] is None


@pytest.mark.parametrize(
    "function",
    ["session_analysis", "metrics_report", "anomaly_report", "user_statistics", "mobility_report", "activity_report",
     "rhythm_report"],
)  # fmt: skip
def test_what_is_not_there_is_null(ask, function):
    assert ask(f"select analytics.{function}(4711) as found") == [{"found": None}]


def test_a_series_keeps_every_peak(record, ask):
    values = [float(n % 7) for n in range(1000)]
    values[501] = 99.0
    session = record(series(values, step_s=0.01))
    rows = ask("select * from analytics.session_series(%s, 'thermometer', _points => 10)", session)
    assert [(row["axis"], row["count"]) for row in rows] == [("temperature", 100)] * 10
    assert max((row["max"], index) for index, row in enumerate(rows)) == (99.0, 5)
    assert rows[0]["at"].timestamp() == START_MS / 1000
    assert {row["min"] for row in rows} == {0.0}


def test_a_series_between_two_times_and_of_every_axis(record, ask):
    session = record(
        [reading_at(n, "watch", x=1.0 * n, y=0.0, z=0.0, heart_rate=60 + n, battery=90 - n) for n in range(9)]
    )
    rows = ask(
        "select p.axis, p.count, p.min, p.max from analytics.sessions as s, analytics.session_series("
        " s.recording_id, 'watch', s.start_time + '2 s', s.start_time + '5 s', 1) as p where s.recording_id = %s",
        session,
    )
    assert {row["axis"]: (row["count"], row["min"], row["max"]) for row in rows} == {
        "x": (4, 2.0, 5.0), "y": (4, 0.0, 0.0), "z": (4, 0.0, 0.0), "magnitude": (4, 2.0, 5.0),
        "heart_rate": (4, 62.0, 65.0), "battery": (4, 85.0, 88.0),
    }  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(-99, 99)), min_size=1, max_size=60, unique_by=lambda r: r[0]),
    st.integers(1, 50),
)
def test_a_series_equals_plain_python(record, ask, readings, parts):
    readings = sorted(readings)
    session = record([reading_at(at, "thermometer", temperature=value) for at, value in readings])
    rows = ask("select * from analytics.session_series(%s, 'thermometer', _points => %s)", session, parts)
    times, values = [float(at) for at, _ in readings], [value for _, value in readings]
    expected = points(times, values, parts)
    assert [(row["count"], row["min"], row["max"]) for row in rows] == [point[1:] for point in expected]
    width, first = max(times[-1] - times[0], 1e-6) / parts, START_MS / 1000 + times[0]
    begins = [first + width * place for place, *_ in expected]
    assert [row["at"].timestamp() for row in rows] == pytest.approx(begins, abs=2e-6)


def test_a_series_has_the_value_and_the_32_most_frequent_other_keys(record, ask):
    session = record([reading_at(n, "odd", a=1, b=2, **{f"key{n}": n}) for n in range(40)])
    rows = ask("select axis, sum(count)::int as n from analytics.session_series(%s, 'odd') group by 1", session)
    found = {row["axis"]: row["n"] for row in rows}
    assert (len(found), found["a"], found["b"]) == (33, 40, 40)


def test_a_series_of_nothing(record, ask):
    session = record(series([1.0]))
    assert ask("select * from analytics.session_series(%s, 'barometer')", session) == []
    assert ask("select * from analytics.session_series(%s, 'thermometer', _points => 0)", session) == []
    assert len(ask("select * from analytics.session_series(%s, 'thermometer')", session)) == 1


@pytest.fixture
def three_sessions(record, ask):
    """Of the user, who lives in Seoul: over midnight there, just after it, and a day later."""
    midnight = 21_600 + 400
    track = [reading_at(midnight + n, "gps", latitude=n / 2000, longitude=0.0, accuracy=5) for n in range(3)]
    values = [reading_at(at, "thermometer", temperature=1.0) for at in (midnight - 1, midnight, midnight + 86_400)]
    record(values[:2], start_time="2025-10-09T14:59:59Z", end_time="2025-10-09T15:00:59Z")
    record(track, start_time="2025-10-09T15:00:00Z", end_time="2025-10-09T15:02:00Z")
    record(values[2:], start_time="2025-10-10T15:00:00Z", end_time="2025-10-10T15:00:30Z")
    [row] = ask("select id from analytics.users")
    return row["id"]


def test_days_are_those_of_the_user(three_sessions, ask):
    def statistics(first, last):
        [row] = ask("select analytics.user_statistics(%s, %s, %s) as found", three_sessions, first, last)
        return row["found"]

    length = pytest.approx(111.195, abs=0.001)
    assert statistics("2025-10-09", "2025-10-10") == {
        "total_sessions": 2, "total_records": 5, "total_duration_s": 180, "mean_duration_s": 90,
        "distance_m": length, "raw_distance_m": length, "moving_distance_m": length, "unjoined_s": 0,
        "accuracy_max_m": 20,
        "sensor_usage": {"thermometer": 1, "gps": 1},
    }  # fmt: skip
    first, second = statistics("2025-10-09", "2025-10-09"), statistics("2025-10-10", "2025-10-10")
    assert (first["total_sessions"], first["total_records"], first["total_duration_s"]) == (1, 1, 1)
    assert (second["total_sessions"], second["total_records"], second["total_duration_s"]) == (2, 4, 179)
    assert (first["sensor_usage"], second["sensor_usage"]) == ({"thermometer": 1}, {"thermometer": 1, "gps": 1})
    assert statistics("2025-10-11", "2025-10-11")["sensor_usage"] == {"thermometer": 1}
    nothing = statistics("2025-11-01", "2025-11-02")
    assert (nothing["total_sessions"], nothing["total_records"], nothing["mean_duration_s"]) == (0, 0, None)


sessions = st.lists(
    st.tuples(
        st.integers(0, 9 * 86_400 - 1), st.sampled_from([None, 0, 30, 3_600, 200_000]), st.integers(0, 5),
        st.integers(0, 5), st.sampled_from([1, 59, 40_000]), st.sampled_from([0, 0, -90, 5]),
    ),
    max_size=5,
)  # fmt: skip
_SEOUL = ZoneInfo("Asia/Seoul")


@given(sessions, st.integers(0, 9), st.integers(0, 9))
def test_statistics_equal_plain_python(record, ask, sessions, first, last):
    """Of each session the part within the period; the first reading may come before or after the start."""
    ask("select app.delete_session(user_id, session_id) from app.recording_sessions where deleted_at is null")
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    from_at = datetime(2025, 1, 1, tzinfo=_SEOUL) + timedelta(days=first)
    until_at = datetime(2025, 1, 2, tzinfo=_SEOUL) + timedelta(days=last)
    lengths, counts, tracks, unjoined = [], [], [], []
    usage: dict[str, int] = {}
    for offset, duration, values, fixes, step, late in sessions:
        start = begin + timedelta(seconds=offset)
        zero = start.timestamp() - START_MS / 1000 + late
        times = {} if duration is None else {"end_time": (start + timedelta(seconds=duration)).isoformat()}
        track = [
            Fix(START_MS * 1000 + round((zero + n * step) * 1_000_000), n / 2000, 0.0, 5.0 + 8 * n)
            for n in range(fixes)
        ]
        readings = [
            reading_at(fix.micros / 1e6 - START_MS / 1000, "gps", latitude=fix.latitude, longitude=0.0,
                       accuracy=fix.accuracy)
            for fix in track
        ]  # fmt: skip
        warmth = [reading_at(zero + n * step, "thermometer", temperature=1.0) for n in range(values)]
        record(warmth + readings, start_time=start.isoformat(), **times)
        last_s = late + (max(values, fixes) - 1) * step
        length = duration if duration is not None else last_s if values + fixes else None
        end = start + timedelta(seconds=max(length or 0, 0))
        inside = [
            reading for reading in warmth + readings
            if from_at.timestamp() * 1000 <= reading["timestamp"] < until_at.timestamp() * 1000
        ]  # fmt: skip
        is_in_time = from_at < until_at and start < until_at and (start >= from_at or end > from_at)
        if not is_in_time and not inside:
            continue
        counts.append(len(inside))
        if is_in_time and length is not None:
            lengths.append((min(end, until_at) - max(start, from_at)).total_seconds())
        rows = minutes(track).items()
        within = [row for at, row in rows if from_at.timestamp() * 1e6 <= at < until_at.timestamp() * 1e6]
        tracks.append(total(within))
        unjoined += [row["unjoined_s"] for row in within]
        for sensor in {reading["sensor_type"] for reading in inside}:
            usage[sensor] = usage.get(sensor, 0) + 1
    [row] = ask(
        "select analytics.user_statistics(id, %s, %s) as found from analytics.users",
        from_at.date(), until_at.date() - timedelta(days=1),
    )  # fmt: skip
    assert row["found"] == {
        "total_sessions": len(counts), "total_records": sum(counts),
        "total_duration_s": pytest.approx(sum(lengths)),
        "mean_duration_s": pytest.approx(sum(lengths) / len(lengths)) if lengths else None,
        "distance_m": _sum(tracks, "gated_m"), "raw_distance_m": _sum(tracks, "raw_m"),
        "moving_distance_m": _sum(tracks, "moving_m"), "unjoined_s": pytest.approx(sum(unjoined)) if unjoined else None,
        "accuracy_max_m": 20, "sensor_usage": usage,
    }  # fmt: skip


def _sum(tracks: list[dict[str, float | None]], name: str) -> object:
    known = [value for track in tracks if (value := track[name]) is not None]
    return pytest.approx(sum(known)) if known else None


def test_without_dates_the_last_thirty_days(record, ask):
    record(series([1.0]))
    [row] = ask(
        "select (u.found ->> 'total_sessions')::int as recent, count(s.recording_id) as expected"
        " from analytics.users as n cross join lateral analytics.user_statistics(n.id) as u (found)"
        " left join analytics.sessions as s on s.user_id = n.id and (s.last_reading_at at time zone n.timezone)::date"
        " between (now() at time zone n.timezone)::date - 29 and (now() at time zone n.timezone)::date"
        " group by 1"
    )
    assert row["recent"] == row["expected"]


def test_twins_by_user(three_sessions, ask):
    span = (three_sessions, "2025-10-09", "2025-10-11")
    metrics = ask("select recording_id, sensor, axis from analytics.user_metrics(%s, %s, %s)", *span)
    assert [(row["sensor"], row["axis"]) for row in metrics] == [
        ("thermometer", "temperature"), ("gps", "accuracy"), ("thermometer", "temperature"),
    ]  # fmt: skip
    quality = ask("select count from analytics.user_quality(%s, %s, %s)", *span)
    assert [row["count"] for row in quality] == [2, 3, 1]
    [distance] = ask("select raw_m, fixes from analytics.user_distance(%s, %s, %s)", *span)
    assert distance == {"raw_m": pytest.approx(111.195, abs=0.001), "fixes": 3}
    anomalies = ask("select channel, anomalies from analytics.user_anomalies(%s, %s, %s)", *span)
    assert [(row["channel"], row["anomalies"]) for row in anomalies] == [
        ("temperature", 0), ("accuracy", 0), ("temperature", 0),
    ]  # fmt: skip


def test_json_does_not_depend_on_the_time_zone(record, db, ask):
    session = record(series([1.0, 2.0]))
    found = []
    for zone in ("UTC", "Asia/Seoul"):
        db.execute("select set_config('timezone', %s, false)", [zone])
        found += ask(
            "select analytics.session_analysis(%s) as found, analytics.anomaly_report(%s) as more", *[session] * 2
        )
    assert json.dumps(found[0]) == json.dumps(found[1])
