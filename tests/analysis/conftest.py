"""Recording sessions by way of a push and asking the functions of schema analytics about them."""

import asyncio
import json
import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from koodtx.accounts.caller import Caller
from koodtx.database.pool import make_pool
from koodtx.settings import Settings
from koodtx.sync.push.receive import receive
from tests.support.aliases import Ask, Db, Record, Rows
from tests.support.readings import START

BATCH = 20_000


@pytest.fixture
def record(settings: Settings, db: Db) -> Iterator[Record]:
    """Pushes readings as a new session of the user "recorder"; its internal id."""
    numbers = iter(range(10**9))
    caller = _register(db)
    pool = make_pool(settings)
    with asyncio.Runner() as runner:
        runner.run(pool.open())

        def call(readings: Rows, **fields: Any) -> int:
            session = {"session_id": f"recording-{next(numbers)}", "start_time": START} | fields
            for first in range(0, max(len(readings), 1), BATCH):
                body = json.dumps({"session": session, "sensor_data": readings[first : first + BATCH]}).encode()
                reply = runner.run(receive(pool, settings, caller, body, None))
                assert (reply.errors, reply.rejected) == (0, [])
            found = db.execute("select id from app.recording_sessions where session_id = %s", [session["session_id"]])
            return int(found.fetchall()[0][0])

        yield call
        runner.run(pool.close())


def _register(db: Db) -> Caller:
    """The user "recorder", who lives in Seoul, on a phone."""
    [[user_id]] = db.execute(
        "select app.create_user('recorder', 'recorder@example.org', null, 'user', 'Asia/Seoul')"
    ).fetchall()
    [[device_key, login_id]] = db.execute(
        "select device_key, login_id from app.start_login(%s, 'phone', 'token', '1 day')", [user_id]
    ).fetchall()
    return Caller(user_id=user_id, role="user", device_key=device_key, login_id=login_id)


@pytest.fixture
def ask(db: Db) -> Ask:
    """Rows of a query, as dicts."""

    def call(query: str, *parameters: Any) -> Rows:
        return db.cursor(row_factory=dict_row).execute(query, parameters).fetchall()  # type: ignore[arg-type]

    return call


@pytest.fixture
def analyst(database_url: str, server: str) -> Iterator[Ask]:
    """The same, logged in as an analyst: a member of koodtx_analyst, and nothing else."""
    # Roles belong to the server, which test processes share.
    role = f"koodtx_test_analyst_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create role {role} login password 'analyst' in role koodtx_analyst")
    with psycopg.connect(
        make_conninfo(database_url, user=role, password="analyst"),
        autocommit=True,
        row_factory=dict_row,
    ) as connection:

        def call(query: str, *parameters: Any) -> Rows:
            return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]

        yield call
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop role {role}")
