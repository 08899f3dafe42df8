"""Whether the database holds what was acknowledged to the phones: each reading once, as it was last sent."""

from typing import Any

import httpx
import psycopg

from examples.client import Document, Phone
from tests.faults.recorder import Recorder
from tests.support.settings import PASSWORD


def check(recorders: list[Recorder], url: str, db: psycopg.Connection[Any]) -> int:
    """Fails at the first difference; the number of readings compared."""
    assert [recorder.faults for recorder in recorders] == [[] for _ in recorders]
    assert not any(recorder.is_alive() for recorder in recorders)
    for recorder in recorders:
        _check_replies(recorder)
        _check_database(recorder, db)
        _check_pull(recorder, url)
    return sum(len(recorder.recorded) for recorder in recorders)


def _check_replies(recorder: Recorder) -> None:
    """Each reading was counted once as inserted, and each change once as updated, however often it was sent."""
    counted = {name: sum(reply[name] for reply in recorder.replies) for name in ("inserted", "errors")}
    assert counted == {"inserted": len(recorder.recorded), "errors": 0}
    for reply in recorder.replies:
        parts = sum(reply[name] for name in ("inserted", "updated", "duplicates", "errors"))
        assert reply["total_records"] == parts
    changed = sum(reply["updated"] + reply["duplicates"] for reply in recorder.replies)
    assert changed <= recorder.updates


def _check_database(recorder: Recorder, db: psycopg.Connection[Any]) -> None:
    session = _row(
        db,
        """
        select s.id, s.data_count, (select count(*) from app.sensor_data as d where d.recording_id = s.id) as readings
        from app.recording_sessions as s where s.session_id = %s
        """,
        recorder.session_id,
    )
    assert session["readings"] == session["data_count"] == len(recorder.recorded)
    stored = db.execute(
        "select (extract(epoch from recorded_at) * 1000)::bigint, x, y, z from app.sensor_data where recording_id = %s",
        [session["id"]],
    ).fetchall()
    assert {at: {"x": x, "y": y, "z": z} for at, x, y, z in stored} == recorder.recorded
    logged = _row(
        db,
        """
        select count(*) as pushes, count(distinct p.push_id) as ids, sum((p.reply ->> 'inserted')::bigint) as inserted
        from app.pushes as p where p.recording_id = %s
        """,
        session["id"],
    )
    assert logged == {"pushes": len(recorder.replies), "ids": len(recorder.replies), "inserted": len(recorder.recorded)}


def _check_pull(recorder: Recorder, url: str) -> None:
    """A tablet that comes new to the account gets all of it; the phone that pulled all the time has no less."""
    with httpx.Client(base_url=url, timeout=30) as http:
        tablet = Phone(http, ":memory:", "tablet")
        tablet.login(recorder.user, PASSWORD)
        tablet.pull()
        assert _held(tablet, recorder.session_id) == recorder.recorded
    assert recorder.pulled[recorder.session_id] == recorder.recorded


def _held(phone: Phone, session_id: str) -> dict[int, Document]:
    return {int(at): data for _, at, data in phone.readings(session_id)}


def _row(db: psycopg.Connection[Any], query: str, *values: Any) -> dict[str, Any]:
    cursor = db.execute(query.encode(), values)
    row = cursor.fetchone()
    assert row is not None
    assert cursor.description is not None
    return dict(zip((column.name for column in cursor.description), row, strict=True))
