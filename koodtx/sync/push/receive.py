"""A push as a client sends it: its bytes decoded, then applied in one transaction."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import QueryCanceled, SerializationFailure
from psycopg_pool import AsyncConnectionPool

from koodtx.accounts.caller import Caller
from koodtx.database.query import Connection
from koodtx.readings.blocks import Batch
from koodtx.settings import Settings
from koodtx.sync.errors import PushTookTooLong
from koodtx.sync.messages import PushTerms, SessionFields, SyncPushResponse
from koodtx.sync.metrics import READINGS
from koodtx.sync.prefetch import in_thread_if
from koodtx.sync.push.apply import apply
from koodtx.sync.push.decode import Limits, decode_push
from koodtx.sync.push.phone_clock import Arrival
from koodtx.sync.push.session_fields import checked_replaces, one_push_id, session_fields
from koodtx.sync.sync_log import failures_logged

_LARGE_BODY = 200_000
# Pushes of one user with more new names than there is room for may take a name from each other several times.
_ATTEMPTS = 5
_PAUSE_S = 0.1


async def receive(
    pool: AsyncConnectionPool, settings: Settings, caller: Caller, body: bytes, idempotency_key: str | None,
    arrival: Arrival | None = None,
) -> SyncPushResponse:  # fmt: skip
    """Stores a push. Nothing of it is stored when an error is raised; the failure gets a log row of its own."""
    async with failures_logged(pool, caller, "push"):
        limits = Limits(settings.max_push_readings, settings.max_age_days, settings.max_push_sensors)
        sent = await in_thread_if(len(body) > _LARGE_BODY, lambda: decode_push(body, limits, arrival))
        push_id = one_push_id(sent.push_id, idempotency_key)
        terms = PushTerms(push_id, checked_replaces(sent.replaces, push_id), sent.accepted.clock_offset_ms)
        session = session_fields(sent.session, sent.accepted)
        with _time_limit_named():
            async with pool.connection() as connection:
                result = await _applied(connection, settings, caller, session, sent.batch, terms)
    if not result.replayed:
        for outcome in ("inserted", "updated", "duplicates", "errors"):
            READINGS.labels(outcome).inc(getattr(result, outcome))
    return result


async def _applied(
    connection: Connection, settings: Settings, caller: Caller, session: SessionFields, batch: Batch, terms: PushTerms
) -> SyncPushResponse:
    """Applies a push, again if one of its sensor types was given to another name meanwhile: nothing was stored then."""
    attempts = 1
    while True:
        try:
            return await apply(
                connection, caller, session, batch, terms,
                max_user_readings=settings.max_user_readings, max_user_sensors=settings.max_user_sensors,
            )  # fmt: skip
        except SerializationFailure:
            if attempts == _ATTEMPTS:
                raise
            # The other push should be stored before this one takes its name back.
            await asyncio.sleep(random.uniform(0, _PAUSE_S * attempts))  # noqa: S311
            attempts += 1


@contextmanager
def _time_limit_named() -> Iterator[None]:
    """Raises PushTookTooLong for a statement that the database stopped after a minute: the same batch would again."""
    try:
        yield
    except QueryCanceled as error:
        raise PushTookTooLong from error
