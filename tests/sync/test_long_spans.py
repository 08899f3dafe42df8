"""Readings spread over years, as a health app's daily values or an import: time is linear in their days."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.readings.blocks import Block
from koodtx.readings.slices import slices
from koodtx.settings import Settings
from tests.support.aliases import Call, Client, CreateUser, Db, Document
from tests.support.readings import START_MS
from tests.support.requests import push_body
from tests.support.settings import make_settings

pytestmark = [pytest.mark.api, pytest.mark.sync]

DAY_MS = 86_400_000
DAY_US = DAY_MS * 1000


def daily(days: int, offset_ms: int = 0, *, sensor: str = "steps", more: int = 0) -> list[Document]:
    """A value a day, the newest first."""
    return [
        {"sensor_type": sensor, "timestamp": START_MS - day * DAY_MS + offset_ms, "data": {sensor: day + more}}
        for day in range(days)
    ]


def counts(reply: Document) -> tuple[int, int, int]:
    return reply["inserted"], reply["updated"], reply["duplicates"]


def test_daily_values_of_years_are_compared_and_counted(push: Call, pull: Call) -> None:
    both = daily(1500) + daily(1500, sensor="light")
    first = push(both)
    again = push(both)
    changed = push(daily(1500, more=1) + daily(1500, sensor="light"))
    beside = push(daily(1500, 1))

    assert [counts(reply) for reply in (first, again, changed, beside)] == [
        (3000, 0, 0), (0, 0, 3000), (0, 1500, 1500), (1500, 0, 0),
    ]  # fmt: skip
    [session] = pull(cursor=None)["sessions"]
    expected = daily(1500, more=1) + daily(1500, 1) + daily(1500, sensor="light")
    order = lambda item: (item["sensor_type"], item["timestamp"])  # noqa: E731
    assert sorted(session["sensor_data"], key=order) == sorted(expected, key=order)


def test_pull_of_what_changed_has_the_whole_span(push: Call, pull: Call) -> None:
    push(daily(400))
    cursor = pull(cursor=None)["cursor"]
    push(daily(400, 1))
    [session] = pull(cursor=cursor)["sessions"]
    assert (
        len([item for item in session["sensor_data"] if item["timestamp"] % DAY_MS == (START_MS + 1) % DAY_MS]) == 400
    )


def test_upsert_is_linear_in_days(push: Call) -> None:
    """Fourteen times as many days take about fourteen times as long; with one statement for all it was two hundred."""

    def seconds(days: int, session_id: str) -> float:
        push(daily(days), session_id)
        taken = []
        for offset_ms in (1, 2):
            started = time.monotonic()
            reply = push(daily(days, offset_ms), session_id)
            taken.append(time.monotonic() - started)
            assert counts(reply) == (days, 0, 0)
        return min(taken)

    # First, so that all have the chunks of all.
    long = seconds(5000, "long")
    medium, short = seconds(1825, "medium"), seconds(365, "short")
    assert medium < 4 * 1825 / 365 * short
    assert long < 4 * 5000 / 365 * short


@pytest.mark.parametrize("limit", [10, 365, 1000, 50_000])
def test_session_of_years_is_erased_to_the_last_reading(
    push: Call, client: Client, auth_headers: Document, db: Db, limit: int
) -> None:
    push(daily(730) + daily(365, sensor="light"))
    push(daily(3), "another")
    client.delete("/api/sessions/walk", headers=auth_headers)

    erased = []
    while (done := db.execute("select app.erase_readings(%s)", [limit]).fetchone()) != (None,):
        erased.append(done)

    assert erased[-1] == (True,)
    assert len(erased) >= 1095 / limit
    assert db.execute("select count(*) from app.sensor_data").fetchone() == (3,)


def test_erasing_is_linear_in_days(push: Call, client: Client, auth_headers: Document, db: Db) -> None:
    taken = {}
    for days in (5000, 365):
        push(daily(days), f"{days} days")
        client.delete(f"/api/sessions/{days} days", headers=auth_headers)
        started = time.monotonic()
        assert db.execute("select app.erase_readings(50000)").fetchone() == (True,)
        taken[days] = time.monotonic() - started
    assert taken[5000] < 4 * 5000 / 365 * taken[365]


def test_archive_of_years_and_late_readings_of_each_day(push: Call, db: Db) -> None:
    """Every second day is a range of its own."""
    push(daily(3000)[::2], end_time="2025-10-10T00:00:00Z")
    assert db.execute(
        "select a.readings from app.recording_sessions as s, app.archive_readings(s.id) as a"
    ).fetchone() == (1500,)

    started = time.monotonic()
    # Each with a key of its own, so that nothing is taken together.
    late = daily(3000, 1)
    for number, item in enumerate(late):
        item["data"] = {f"key{number % 1000}": number}
    reply = push(late)
    assert time.monotonic() - started < 30
    assert (reply["errors"], reply["inserted"], len(reply["archived"])) == (1500, 1500, 1500)
    assert {item["code"] for item in reply["rejected"]} == {"archived"}


times = st.lists(st.integers(0, 200 * DAY_US), min_size=1, max_size=60, unique=True)


@given(st.lists(times, min_size=1, max_size=4))
def test_slices_are_all_of_the_blocks_in_parts_of_four_weeks(sensors: list[list[int]]) -> None:
    blocks = [
        Block(
            number,
            np.array(sorted(micros)),
            {"x": np.array(sorted(micros), np.float64)},
            [b"%d" % at for at in sorted(micros)] if number % 2 else None,
        )
        for number, micros in enumerate(sensors)
    ]
    parts = list(slices(blocks))

    for part in parts:
        everything = np.concatenate([block.micros for block in part])
        assert 0 <= everything.max() - everything.min() < 28 * DAY_US
    for block in blocks:
        own = [piece for part in parts for piece in part if piece.sensor_type_id == block.sensor_type_id]
        assert np.concatenate([piece.micros for piece in own]).tolist() == block.micros.tolist()
        assert np.concatenate([piece.columns["x"] for piece in own]).tolist() == block.micros.tolist()
        if block.extra is not None:
            assert [text for piece in own for text in piece.extra or []] == block.extra


class TestOthers:
    """A user whose pushes wait or take long leaves connections for others."""

    @pytest.fixture
    def settings(self, database_url: str, redis_url: str) -> Settings:
        return make_settings(database_url, redis_url=redis_url, pool_max=3, pool_timeout_s=2)

    @pytest.mark.parametrize("sessions", [1, 12])
    def test_pushes_that_wait_for_a_session_do_not_hold_the_pool(
        self, client: Client, create_user: CreateUser, database_url: str, sessions: int
    ) -> None:
        crowd, other = create_user()["headers"], create_user()["headers"]
        names = [f"s{number % sessions}" for number in range(12)]
        for name in set(names):
            client.post("/api/sync/push", json=push_body([], name), headers=crowd)

        def send(headers: Document, name: str, at: int) -> Any:
            return client.post("/api/sync/push", json=push_body(daily(1, at), name), headers=headers)

        with psycopg.connect(database_url) as holder, ThreadPoolExecutor(12) as threads:
            holder.execute("select from app.recording_sessions for update")
            waiting = [threads.submit(send, crowd, name, place) for place, name in enumerate(names)]
            taken = []
            for number in range(10):
                started = time.monotonic()
                assert send(other, "walk", number).status_code == 200
                taken.append(time.monotonic() - started)
            assert not any(push.done() for push in waiting)
            holder.rollback()
            assert [push.result().status_code for push in waiting] == [200] * 12
        assert sorted(taken)[-2] < 1


def test_push_that_takes_too_long_is_to_be_halved(
    client: Client, auth_headers: Document, db: Db, database_url: str
) -> None:
    """Not 503: the same bytes would run into the same limit."""
    body = push_body(daily(3))
    client.post("/api/sync/push", json=body, headers=auth_headers)
    db.execute(
        "create function app.wait_for_ever() returns trigger language plpgsql"
        " as $$ begin perform pg_sleep(600); return new; end $$"
    )
    db.execute(
        "create trigger slow before insert on app.reading_changes for each row execute function app.wait_for_ever()"
    )
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(client.post, "/api/sync/push", json=push_body(daily(3, 1)), headers=auth_headers)
        cancelled = 0
        while not cancelled:
            found = db.execute(
                "select count(*) filter (where pg_cancel_backend(pid)) from pg_stat_activity"
                " where datname = current_database() and wait_event = 'PgSleep'"
            ).fetchone()
            cancelled = found[0] if found else 0
        reply = slow.result()
    db.execute("drop trigger slow on app.reading_changes")

    assert (reply.status_code, reply.json()["type"]) == (413, "urn:koodtx:problem:push-took-too-long")
    assert "Retry-After" not in reply.headers
    assert db.execute("select count(*) from app.sensor_data").fetchone() == (3,)
    assert db.execute("select error from app.sync_logs where status = 'failed'").fetchone() == ("push-took-too-long",)
    assert client.post("/api/sync/push", json=push_body(daily(3, 1)), headers=auth_headers).json()["inserted"] == 3
