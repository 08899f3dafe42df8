"""A batch can be applied without HTTP and JSON, as adapters and imports do."""

import asyncio
from typing import Any

import numpy as np
import psycopg
import pytest

from koodtx.accounts.caller import Caller
from koodtx.readings.blocks import Batch, Group
from koodtx.settings import Settings
from koodtx.sync.messages import PushTerms, SessionFields, SyncPushResponse
from koodtx.sync.push.apply import apply

pytestmark = [pytest.mark.integration, pytest.mark.sync]

START_US = 1_760_000_000_000_000


@pytest.fixture
def caller(db: psycopg.Connection[Any]) -> Caller:
    [[user_id]] = db.execute("select app.create_user('mina', 'mina@example.org', null, 'user', 'UTC')").fetchall()
    [[device_key, login_id]] = db.execute(
        "select device_key, login_id from app.start_login(%s, 'importer', 'token', '1 day')", [user_id]
    ).fetchall()
    return Caller(user_id, "user", device_key, login_id)


def batch(values: list[Any]) -> Batch:
    places = np.arange(len(values))
    group = Group("light", places, START_US + places * 1000.0, {"lux": values})
    return Batch(len(values), [group], [], fingerprint=repr(values).encode(), data_bytes=0)


def applied(settings: Settings, caller: Caller, values: list[Any], push_id: str | None = None) -> SyncPushResponse:
    async def run() -> SyncPushResponse:
        async with await psycopg.AsyncConnection.connect(settings.database_url, autocommit=True) as connection:
            session = SessionFields("walk", {"start_time": "2025-10-09T08:53:20Z"})
            return await apply(connection, caller, session, batch(values), PushTerms(push_id))

    return asyncio.run(run())


def test_a_batch_of_columns_is_stored(settings: Settings, caller: Caller, db: psycopg.Connection[Any]) -> None:
    result = applied(settings, caller, [5, 6.5, "off"])
    assert (result.total_records, result.inserted, result.session_data_count) == (3, 3, 3)
    rows = db.execute("select value, extra from app.sensor_data order by recorded_at").fetchall()
    assert rows == [(5, None), (6.5, None), (None, {"lux": "off"})]


def test_a_batch_is_applied_once(settings: Settings, caller: Caller) -> None:
    first = applied(settings, caller, [1, 2], "import 1")
    again = applied(settings, caller, [1, 2], "import 1")
    assert (again.replayed, again.sync_log_id, again.inserted) == (True, first.sync_log_id, 2)
    with pytest.raises(psycopg.Error, match="another body"):
        applied(settings, caller, [1, 3], "import 1")
