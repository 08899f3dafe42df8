"""Clocks that are wrong: what cannot be stored yet is to be held, and the answer has what is needed to correct it."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.aliases import Call, Client, Db
from tests.support.readings import START_MS
from tests.support.requests import push_body

pytestmark = [pytest.mark.api, pytest.mark.sync]

DAY_MS = 86_400_000
YEAR_MS = 365.25 * DAY_MS
# As long as a request may take here.
NEAR_MS = 30_000
ROLLOVER_MS = 7168 * DAY_MS


def now_ms() -> float:
    return time.time() * 1000


def reading_of(timestamp: Any) -> dict[str, Any]:
    return {"sensor_type": "a", "timestamp": timestamp, "data": {"x": 1}}


@pytest.fixture
def send(client: Client, auth_headers: dict[str, str]) -> Call:
    """Sends a push; `members` are added to its body, `header` is sent as Sent-At."""

    def send(
        readings: list[Any], *, status: int = 200, session: Any = None, header: str | None = None, **members: Any
    ) -> Any:
        headers = auth_headers | ({} if header is None else {"Sent-At": header})
        body = push_body(readings, **(session or {})) | members
        reply = client.post("/api/sync/push", json=body, headers=headers)
        assert reply.status_code == status, reply.text
        return reply.json()

    return send


# How far clocks are ahead, milliseconds.
CLOCKS = {
    "a second fast": 1000,
    "23 hours fast": 23 * 3_600_000,
    "25 hours fast": 25 * 3_600_000,
    "five years fast": 5 * YEAR_MS,
    "ten minutes slow": -600_000,
    "five years slow": -5 * YEAR_MS,
    "in 1970": 1000 - now_ms(),
}


@pytest.mark.parametrize("name", CLOCKS)
@pytest.mark.parametrize("form", ["number", "text", "header", "header as text"])
def test_the_offset_of_a_clock_is_answered_and_kept(send: Call, db: Db, name: str, form: str) -> None:
    phone_ms = now_ms() + CLOCKS[name]
    text = datetime.fromtimestamp(phone_ms / 1000, UTC).isoformat()
    members: dict[str, Any] = {
        "number": {"sent_at": phone_ms},
        "text": {"sent_at": text},
        "header": {"sent_at": START_MS, "header": str(phone_ms)},
        "header as text": {"header": text},
    }[form]
    reply = send([reading_of(START_MS)], push_id="one", **members)
    offset = reply["clock_offset_ms"]
    assert isinstance(offset, int)
    assert offset + CLOCKS[name] == pytest.approx(0, abs=NEAR_MS)
    kept = db.execute(
        "select s.clock_offset_ms, l.clock_offset_ms, (p.reply ->> 'clock_offset_ms')::bigint"
        " from analytics.sessions as s, app.sync_logs as l, app.pushes as p"
    ).fetchall()
    assert kept == [(offset, offset, offset)]
    assert send([reading_of(START_MS)], push_id="one", **members) == reply | {"replayed": True}


def test_a_retry_may_have_another_time_in_its_header(send: Call) -> None:
    first = send([reading_of(START_MS)], push_id="one", header=str(now_ms()))
    assert send([reading_of(START_MS)], push_id="one", header=str(now_ms() - DAY_MS)) == first | {"replayed": True}


def test_the_latest_offset_of_a_session_stays(send: Call, db: Db, client: Client, auth_headers: dict[str, str]) -> None:
    send([reading_of(START_MS)], sent_at=now_ms() - 7_200_000)
    latest = send([reading_of(START_MS)], sent_at=now_ms() - 3_600_000)
    without = send([reading_of(START_MS)])
    assert "clock_offset_ms" not in without
    # A clock alone is nothing that other devices would pull.
    assert latest["server_timestamp"] == without["server_timestamp"]
    assert db.execute("select clock_offset_ms from analytics.sessions").fetchone() == (latest["clock_offset_ms"],)
    logs = client.get("/api/sync/status", headers=auth_headers).json()["recent_logs"]
    assert [log["clock_offset_ms"] is None for log in logs] == [True, False, False]
    client.delete("/api/sessions/walk", headers=auth_headers)
    assert db.execute("select clock_offset_ms from app.recording_sessions").fetchone() == (None,)


@pytest.mark.parametrize(
    "sent_at",
    [
        pytest.param(now_ms() / 1000, id="seconds"),
        pytest.param(now_ms() * 1e3, id="microseconds"),
        pytest.param(now_ms() * 1e6, id="nanoseconds"),
        pytest.param(10**400, id="huge"),
        -(10**30),
        1e17,
        "yesterday",
        "2026-01-01T00:00:00",
        [],
    ],
)
def test_a_clock_that_is_no_time_is_422_naming_it(send: Call, sent_at: Any) -> None:
    reply = send([reading_of(START_MS)], status=422, sent_at=sent_at)
    assert [error["field"] for error in reply["errors"]] == ["sent_at"]
    if not isinstance(sent_at, list):
        reply = send([reading_of(START_MS)], status=422, header=str(sent_at))
        assert [error["field"] for error in reply["errors"]] == ["Sent-At"]


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "12:00", "1e999"])
def test_a_header_that_is_no_time_is_422_naming_it(send: Call, text: str) -> None:
    reply = send([reading_of(START_MS)], status=422, header=text)
    assert [error["field"] for error in reply["errors"]] == ["Sent-At"]


HELD = {
    "30 hours ahead": (now_ms() + 30 * 3_600_000, "future", "is in the future"),
    "five years ahead": (now_ms() + 5 * YEAR_MS, "future", "is in the future"),
    "1970": (1000, "out_of_range", "is too long ago"),
    "seconds": (START_MS / 1000, "out_of_range", "looks like seconds; milliseconds since 1970"),
    "microseconds": (START_MS * 1000, "future", "looks like microseconds; milliseconds since 1970"),
    "nanoseconds": (START_MS * 1_000_000, "future", "looks like nanoseconds; milliseconds since 1970"),
    "GPS week rollover": (now_ms() - ROLLOVER_MS, "out_of_range", "GPS week rollover, +1,024 weeks; add 7,168 days"),
    "a month later": (now_ms() - ROLLOVER_MS - 30 * DAY_MS, "out_of_range", "add 7,168 days"),
    "two rollovers": (now_ms() - 2 * ROLLOVER_MS, "out_of_range", "add 14,336 days"),
    "a rollover too many": (now_ms() + ROLLOVER_MS - DAY_MS, "future", "add -7,168 days"),
}


@pytest.mark.parametrize("name", HELD)
@pytest.mark.parametrize("form", ["reading", "list", "steps", "step"])
def test_a_reading_at_a_wrong_time_is_to_be_held(send: Call, name: str, form: str) -> None:
    timestamp, code, text = HELD[name]
    timestamps = {
        "list": [timestamp],
        "steps": {"start": timestamp, "steps_us": []},
        "step": {"start": timestamp, "step": 1, "count": 1},
    }
    block = {"sensor_type": "a", "timestamps": timestamps.get(form), "data": {"x": [1]}}
    reply = send([reading_of(START_MS), reading_of(timestamp) if form == "reading" else block])
    assert (reply["inserted"], reply["errors"]) == (1, 1)
    [rejected] = reply["rejected"]
    assert (rejected["index"], rejected["code"], rejected["hold"]) == (1, code, True)
    assert text in rejected["message"]
    accepted = reply["accepted_times"]
    assert not accepted["from"] <= timestamp <= accepted["until"]
    assert send([reading_of(accepted["from"] + NEAR_MS), reading_of(accepted["until"])])["errors"] == 0


def test_other_rejections_are_final(send: Call) -> None:
    reply = send([{"sensor_type": "", "timestamp": START_MS, "data": {}}, reading_of("2025-10-09T08:53:20Z")])
    assert ["hold" in rejected for rejected in reply["rejected"]] == [False, False]
    assert "accepted_times" not in reply


@pytest.mark.parametrize("name", ["25 hours fast", "five years fast", "in 1970"])
def test_messages_name_the_offset(send: Call, name: str) -> None:
    phone_ms = now_ms() + CLOCKS[name]
    reply = send([reading_of(phone_ms)], sent_at=phone_ms)
    [rejected] = reply["rejected"]
    assert rejected["message"].endswith(f"add clock_offset_ms; clock_offset_ms is {reply['clock_offset_ms']}")
    assert ("slow" if name == "in 1970" else "fast") in rejected["message"]
    assert send([reading_of(phone_ms + reply["clock_offset_ms"])])["inserted"] == 1


@pytest.mark.parametrize("field", ["start_time", "end_time"])
@pytest.mark.parametrize("name", HELD)
def test_a_session_at_a_wrong_time_is_422_that_says_what_to_do(send: Call, db: Db, name: str, field: str) -> None:
    timestamp, _, text = HELD[name]
    reply = send([reading_of(START_MS)], status=422, session={field: timestamp}, sent_at=now_ms() - 5000)
    [error] = reply["errors"]
    assert error["field"] == f"session.{field}"
    for words in (text, "push with a new push_id", "Keep the session and its readings"):
        assert words in error["message"]
    assert reply["clock_offset_ms"] == pytest.approx(5000, abs=NEAR_MS)
    assert str(reply["clock_offset_ms"]) in error["message"]
    assert db.execute("select count(*) from app.recording_sessions").fetchone() == (0,)


def test_a_session_of_a_fast_clock_can_be_corrected(send: Call) -> None:
    """The way out: the offset of the error, added to the times of session and readings."""
    phone_ms = now_ms() + 5 * YEAR_MS
    session = {"start_time": phone_ms}
    offset = send([reading_of(phone_ms)], status=422, session=session, sent_at=phone_ms, push_id="1")["clock_offset_ms"]
    corrected = {"start_time": phone_ms + offset}
    reply = send([reading_of(phone_ms + offset)], session=corrected, push_id="2", replaces=["1"])
    assert (reply["inserted"], reply["errors"]) == (1, 0)


def test_without_the_phones_clock_an_error_has_no_offset(send: Call) -> None:
    reply = send([], status=422, session={"start_time": now_ms() + 5 * YEAR_MS})
    assert "clock_offset_ms" not in reply
    assert "clock_offset_ms" not in reply["detail"]


@pytest.mark.parametrize("text", ["2025-10-09T08:53:20", "2025-10-09T08:53:20.123456", "2025-10-09 08:53:20"])
@pytest.mark.parametrize("field", ["start_time", "end_time"])
def test_a_time_without_zone_is_422_with_a_line_of_help(send: Call, field: str, text: str) -> None:
    [error] = send([], status=422, session={field: text})["errors"]
    assert error["field"] == f"session.{field}"
    assert "has no time zone: end it with Z or +09:00" in error["message"]
