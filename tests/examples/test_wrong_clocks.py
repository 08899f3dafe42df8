"""The reference phone with a wrong clock: nothing is dropped, and times are corrected where that can be known."""

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from client import Phone, Refused

from tests.support.settings import PASSWORD
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.sync, pytest.mark.integration]

HOUR_MS = 3_600_000
YEAR_MS = 365.25 * 24 * HOUR_MS
# As long as a push may take here.
NEAR_MS = 30_000

# By how much clocks are ahead; None: in 1970, as phones without a clock of their own begin.
CLOCKS = {"25 hours": 25 * HOUR_MS, "5 years": 5 * YEAR_MS, "20 years slow": -20 * YEAR_MS, "1970": None}

Open = Callable[..., Phone]


@pytest.fixture
def open_phone(service_url: str, http_to: Callable[[str], httpx.Client]) -> Iterator[Open]:
    """Opens a phone of a new account whose clock is ahead by so much."""
    phones: list[Phone] = []
    numbers = itertools.count()

    def open_phone(ahead_ms: float = 0.0) -> Phone:
        http = http_to(service_url)
        phone = Phone(http, ":memory:", "phone", batch_size=80, now_ms=lambda: time.time() * 1000 + ahead_ms)
        name = f"user{next(numbers)}"
        phone.register(name, f"{name}@example.org", PASSWORD)
        phones.append(phone)
        return phone

    yield open_phone
    for phone in phones:
        phone.close()


def ahead_of(name: str) -> float:
    ahead_ms = CLOCKS[name]
    return 1000 - time.time() * 1000 if ahead_ms is None else ahead_ms


def record(phone: Phone, start_time: Any = None, first_ms: float | None = None) -> float:
    """Records 200 readings, 10 ms apart, by the phone's clock; the time of the first."""
    first_ms = phone.connection.now_ms() if first_ms is None else first_ms
    phone.begin_session("walk", first_ms if start_time is None else start_time)
    phone.record_many("walk", [("a", first_ms + 10 * number, {"x": number}) for number in range(200)])
    return first_ms


def stored(phone: Phone) -> list[float]:
    """The times on the server, in the order in which they were recorded."""
    page = phone._call("POST", "/api/sync/pull", {"cursor": None})
    readings = page["sessions"][0]["sensor_data"] if page["sessions"] else []
    return [item["timestamp"] for item in sorted(readings, key=lambda item: item["data"]["x"])]


@pytest.mark.parametrize("name", CLOCKS)
def test_a_recording_of_a_wrong_clock_arrives_at_the_right_time(open_phone: Open, name: str) -> None:
    for start_time in (None, datetime.now(UTC).isoformat()):
        phone = open_phone(ahead_of(name))
        now_ms = time.time() * 1000
        record(phone, start_time)
        phone.push()
        times = stored(phone)
        assert len(times) == 200
        assert times[0] == pytest.approx(now_ms, abs=NEAR_MS)
        # Of each batch the offset is measured again.
        assert max(abs(at - times[0] - 10 * number) for number, at in enumerate(times)) < NEAR_MS
        assert (phone.rejected, phone.held()) == ([], [])
        assert phone.clock_offset_ms == pytest.approx(-ahead_of(name), abs=NEAR_MS)
        started = datetime.fromisoformat(phone._call("GET", "/api/sessions/walk")["start_time"])
        assert started.timestamp() * 1000 == pytest.approx(now_ms, abs=NEAR_MS)


@pytest.mark.parametrize("form", ["number", "text"])
def test_a_session_that_was_ended_by_a_wrong_clock(open_phone: Open, form: str) -> None:
    phone = open_phone(5 * YEAR_MS)
    first_ms = phone.connection.now_ms()

    def written(at_ms: float) -> Any:
        return at_ms if form == "number" else datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()

    record(phone, written(first_ms), first_ms)
    phone.change_session("walk", end_time=written(first_ms + 2000))
    phone.push()
    session = phone._call("GET", "/api/sessions/walk")
    start, end = (datetime.fromisoformat(session[name]) for name in ("start_time", "end_time"))
    assert start.timestamp() == pytest.approx(time.time(), abs=NEAR_MS / 1000)
    assert (end - start).total_seconds() == pytest.approx(2, abs=1)
    assert session["data_count"] == 200


def test_readings_of_a_clock_that_was_set_right_are_held_until_the_app_moves_them(open_phone: Open) -> None:
    phone = open_phone()
    first_ms = record(phone, datetime.now(UTC).isoformat(), time.time() * 1000 + 5 * YEAR_MS)
    assert phone.push() == {"inserted": 0, "updated": 0, "duplicates": 0, "errors": 200}
    assert (phone.rejected, len(phone.held()), {item["code"] for item in phone.held()}) == ([], 200, {"future"})
    assert phone.push() == {}, "they are not sent again at once"
    assert len(phone.readings("walk")) == 200
    assert phone.retime("walk", -5 * YEAR_MS) == 200
    assert phone.push()["inserted"] == 200
    assert stored(phone) == pytest.approx([first_ms - 5 * YEAR_MS + 10 * number for number in range(200)], abs=0.01)
    assert phone.held() == []


def test_a_session_whose_clock_was_set_right_is_for_the_app_to_fix(open_phone: Open) -> None:
    phone = open_phone()
    record(phone, time.time() * 1000 + 5 * YEAR_MS, time.time() * 1000)
    for _ in range(2):
        with pytest.raises(Refused, match=r"session.start_time .*clock_offset_ms is"):
            phone.push()
    phone.change_session("walk", start_time=time.time() * 1000)
    assert phone.push()["inserted"] == 200


def test_held_readings_arrive_when_their_time_has_come(open_phone: Open) -> None:
    phone = open_phone()
    phone.retry_held_s = 0.0
    phone.begin_session("walk", datetime.now(UTC).isoformat())
    phone.record("walk", "a", time.time() * 1000 + 24 * HOUR_MS + 2000, {"x": 0})
    assert phone.push()["errors"] == 1
    assert len(phone.held()) == 1
    wait_until(lambda: phone.push()["inserted"] == 1, 30, "the time of the reading")
    assert phone.held() == []


def test_a_reading_in_a_wrong_unit_is_held_beside_its_neighbours(open_phone: Open) -> None:
    phone = open_phone()
    now_ms = round(time.time() * 1000)
    phone.begin_session("walk", now_ms)
    phone.record_many("walk", [("a", now_ms * factor + 1, {"x": 1}) for factor in (1, 1000, 1_000_000)])
    phone.record("walk", "a", now_ms // 1000, {"x": 1})
    assert phone.push() == {"inserted": 1, "updated": 0, "duplicates": 0, "errors": 3}
    assert (phone.rejected, len(phone.held())) == ([], 3)
