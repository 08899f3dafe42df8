"""Labels as spans of time: those that readings carry, before and after archiving, and those set by API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.oracles.labels import Span, spans
from tests.support.aliases import Ask, Db, Readings, Record, Rows
from tests.support.readings import DAY_MS, MORNING_MS, START
from tests.support.recordings import geotec

pytestmark = pytest.mark.integration

LABELS = "select * from analytics.session_labels(%s)"
_FIRST_MS = 1_657_533_970_000
# Label, first and last reading in ms after _FIRST_MS, readings: of each sensor of the two recordings.
_SPANS = {
    "sp": [
        ("SEATED", 7813, 8562, 71), ("STANDING_UP", 8574, 9855, 118), ("WALKING", 9877, 12125, 216),
        ("TURNING", 12135, 13486, 127), ("WALKING", 13503, 15596, 201), ("TURNING", 15611, 16468, 82),
        ("SITTING_DOWN", 16478, 18323, 171), ("SEATED", 18341, 20988, 257),
    ],
    "sw": [
        ("SEATED", 7810, 8557, 79), ("STANDING_UP", 8567, 9866, 135), ("WALKING", 9876, 12119, 235),
        ("TURNING", 12129, 13500, 142), ("WALKING", 13509, 15600, 219), ("TURNING", 15609, 16467, 91),
        ("SITTING_DOWN", 16476, 18322, 190), ("SEATED", 18332, 21006, 280),
    ],
}  # fmt: skip
_MAGNITUDES = {
    "sp": {
        "SEATED": (328, 10.0639287792), "SITTING_DOWN": (171, 10.1334126168), "STANDING_UP": (118, 9.96228236399),
        "TURNING": (209, 10.4513079740), "WALKING": (417, 11.1228017660),
    },
    "sw": {
        "SEATED": (359, 10.0070905162), "SITTING_DOWN": (190, 10.1495481521), "STANDING_UP": (135, 10.4590823141),
        "TURNING": (233, 10.7655122405), "WALKING": (454, 10.4384352918),
    },
}  # fmt: skip
_BY_LABEL = """
select l.label, count(*) as readings, avg(r.magnitude) as magnitude
from analytics.session_labels(%(id)s) as l
join analytics.session_readings(%(id)s) as r
    on r.sensor = l.sensor and r.recorded_at >= l.from_at and r.recorded_at <= l.to_at
where l.sensor = 'accelerometer'
group by l.label
"""


@pytest.mark.parametrize("device", ["sp", "sw"])
def test_spans_of_published_recordings(record: Record, ask: Ask, db: Db, device: str) -> None:
    session = record(geotec(device), start_time=_FIRST_MS)
    expected = [
        Span(sensor, label, _FIRST_MS + first, _FIRST_MS + last, readings)
        for sensor in ("accelerometer", "gyroscope")
        for label, first, last, readings in _SPANS[device]
    ]
    assert expected == spans(geotec(device))
    assert found(ask(LABELS, session)) == sorted(expected, key=_in_order)
    db.execute("select app.archive_readings(%s)", [session])
    assert found(ask(LABELS, session)) == sorted(expected, key=_in_order)


@pytest.mark.parametrize("device", ["sp", "sw"])
def test_mean_magnitude_by_label(record: Record, db: Db, device: str) -> None:
    session = record(geotec(device), start_time=_FIRST_MS)
    rows = db.execute(_BY_LABEL.encode(), {"id": session}).fetchall()
    assert {label: (readings, mean) for label, readings, mean in rows} == {
        label: (readings, pytest.approx(mean, rel=1e-10)) for label, (readings, mean) in _MAGNITUDES[device].items()
    }


_DATA = st.sampled_from(
    [{"label": "a"}, {"label": "a", "x": 1.0}, {"label": "b"}, {"x": 1.0}, {"label": ""}, {"label": None},
     {"label": True}, {"label": ["a"]}, {"label": "a" * 201}, {"label": "a" * 200}]
)  # fmt: skip
# Around two midnights, and a day without any.
_TIMES = st.builds(
    lambda day, ms: MORNING_MS // DAY_MS * DAY_MS + day * DAY_MS + ms, st.sampled_from([0, 1, 3, 4]), st.integers(-2, 2)
)
_READINGS = st.lists(
    st.builds(lambda s, t, d: {"sensor_type": s, "timestamp": t, "data": d}, st.sampled_from("ab"), _TIMES, _DATA),
    max_size=12,
)


@given(early=_READINGS, late=_READINGS, latest=_READINGS)
def test_spans_are_those_of_the_readings_whatever_is_archived(
    record: Record, ask: Ask, db: Db, early: Readings, late: Readings, latest: Readings
) -> None:
    """Readings of archived days are refused, so later batches have others."""
    kept: Readings = []
    archived: set[tuple[str, float]] = set()
    session_id = f"labels {db.execute('select gen_random_uuid()').fetchone()}"
    for batch in (early, late, latest):
        new = [reading for reading in batch if _day(reading) not in archived]
        session = record(new, session_id=session_id, start_time=START)
        kept += new
        expected = spans(kept)
        assert found(ask(LABELS, session)) == sorted(expected, key=_in_order)
        db.execute("select app.archive_readings(%s)", [session])
        archived |= {_day(reading) for reading in kept}
        assert found(ask(LABELS, session)) == sorted(expected, key=_in_order)


def test_numbers_are_labels_in_columns_and_beside_them(record: Record, ask: Ask) -> None:
    """Alone, a number is the value of its sensor; beside one that is, it is not."""
    readings = [
        {"sensor_type": sensor, "timestamp": MORNING_MS + at, "data": {"label": label} | more}
        for sensor, more in (("alone", {"x": 1.0}), ("beside", {"pressure": 1000.5}))
        for at, label in ((0, 1), (10, 1), (20, 2.5), (30, "three"))
    ]
    session = record(readings)
    assert [(row["sensor"], row["label"], row["readings"]) for row in ask(LABELS, session)] == [
        ("alone", "1", 2), ("beside", "1", 2), ("alone", "2.5", 1), ("beside", "2.5", 1), ("alone", "three", 1),
        ("beside", "three", 1),
    ]  # fmt: skip


def test_of_a_day_with_too_many_spans_nothing_is_archived(record: Record, ask: Ask, db: Db) -> None:
    many = [_labelled(at, "ab"[at % 2]) for at in range(1441)]
    session = record([*many, _labelled(-DAY_MS, "b"), _labelled(DAY_MS, "b")])
    assert len(ask(LABELS, session)) == 1441 + 2
    db.execute("select app.archive_readings(%s)", [session])
    assert [(row["label"], row["readings"]) for row in ask(LABELS, session)] == [("b", 1), ("b", 1)], "not joined"


def test_labels_set_by_api_are_beside_those_of_readings(record: Record, ask: Ask, db: Db) -> None:
    session = record([_labelled(0, "a"), _labelled(10, "a")], session_id="walk")
    labels = [
        {"label": "later", "from": "2025-06-02T11:00:00Z", "to": "2025-06-02T12:00:00.000001Z", "source": "diary"},
        {"label": "before", "from": "2025-06-02T09:00:00Z", "to": "2025-06-02T11:30:00Z"},
    ]
    db.execute("select app.edit_session(1, 'walk', %s)", [Jsonb({"labels": labels})])
    rows = ask(LABELS, session)
    assert [(row["sensor"], row["label"], row["readings"], row["source"]) for row in rows] == [
        (None, "before", None, None), ("light", "a", 2, None), (None, "later", None, "diary"),
    ]  # fmt: skip
    assert rows[2]["to_at"] == datetime(2025, 6, 2, 12, 0, 0, 1, tzinfo=UTC)


def test_deleted_sessions_have_no_labels_and_erased_ones_leave_none(record: Record, ask: Ask, db: Db) -> None:
    session = record([_labelled(0, "a")], session_id="walk")
    db.execute("select app.edit_session(1, 'walk', %s)", [Jsonb({"labels": [_API_LABEL]})])
    db.execute("select app.archive_readings(%s)", [session])
    assert len(ask(LABELS, session)) == 2
    db.execute("select app.delete_session(1, 'walk')")
    assert ask(LABELS, session) == []
    db.execute("select app.erase_readings(1000)")
    assert db.execute("select count(*) from app.archived_labels").fetchone() == (0,)
    assert db.execute("select labels from app.recording_sessions").fetchone() == (None,)


def test_an_analyst_reads_labels(record: Record, analyst: Ask, db: Db) -> None:
    session = record([_labelled(0, "a")], session_id="walk")
    db.execute("select app.edit_session(1, 'walk', %s)", [Jsonb({"labels": [_API_LABEL]})])
    assert len(analyst(LABELS, session)) == 2
    db.execute("select app.archive_readings(%s)", [session])
    assert len(analyst(LABELS, session)) == 2


_API_LABEL = {"label": "walking", "from": "2025-06-02T09:00:00Z", "to": "2025-06-02T11:30:00Z"}


def _labelled(offset_ms: float, label: Any) -> dict[str, Any]:
    return {"sensor_type": "light", "timestamp": MORNING_MS + offset_ms, "data": {"lux": 1.0, "label": label}}


def _day(reading: dict[str, Any]) -> tuple[str, float]:
    return reading["sensor_type"], reading["timestamp"] // DAY_MS


def _in_order(span: Span) -> tuple[float, str]:
    return span.first_ms, span.sensor


def found(rows: Rows) -> list[Span]:
    return [Span(row["sensor"], row["label"], _ms(row["from_at"]), _ms(row["to_at"]), row["readings"]) for row in rows]


def _ms(at: datetime) -> float:
    return round(at.timestamp() * 1_000_000) / 1000
