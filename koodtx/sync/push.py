"""A push, from its bytes to its reply: decode, split, store in one transaction."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET
from psycopg_pool import AsyncConnectionPool

from koodtx.accounts.caller import Caller
from koodtx.errors import QuotaExceeded, invalid_field
from koodtx.settings import Settings
from koodtx.sync import store
from koodtx.sync.changes import Change, write_readings
from koodtx.sync.failures import failures_logged
from koodtx.sync.messages import PushedSession, SyncPushResponse
from koodtx.sync.readings import Batch, Parsed, arrange, parse, proposed_types
from koodtx.sync.sealed import archived_spans, without_sealed
from koodtx.sync.times import checked_time
from koodtx.web.metrics import READINGS

# Bodies above this are decoded in a thread, so that other requests of the process are answered meanwhile.
_LARGE_BODY = 200_000
_MAX_REJECTED = 100
_MAX_ID = 64

Result = TypeVar("Result")


async def push(
    pool: AsyncConnectionPool, settings: Settings, caller: Caller, body: bytes, idempotency_key: str | None
) -> SyncPushResponse:
    """Stores a push. Nothing of it is stored when an error is raised; the failure gets a log row of its own."""
    async with failures_logged(pool, caller, "push"):
        return await _push(pool, settings, caller, body, idempotency_key)


async def _push(
    pool: AsyncConnectionPool, settings: Settings, caller: Caller, body: bytes, idempotency_key: str | None
) -> SyncPushResponse:
    parsed = await _run(len(body), lambda: parse(body, settings))
    push_id = _one_push_id(parsed.push_id, idempotency_key)
    fields = _session_fields(parsed.session, settings)
    async with pool.connection() as connection:
        types = await store.sensor_types(connection, caller.user_id, proposed_types(parsed))
    batch = await _run(len(body), lambda: arrange(parsed, types))
    async with pool.connection() as connection, connection.transaction():
        opened = await store.open_push(
            connection, caller, parsed.session.session_id, fields, push_id, parsed.body_hash, batch
        )
        if opened.replay is not None:
            return msgspec.convert(opened.replay | {"replayed": True}, SyncPushResponse)
        if opened.sealed:
            unsealed = without_sealed(parsed, types, opened.sealed)
            batch = await _run(len(body), lambda: arrange(unsealed, types))
        changes = await write_readings(connection, opened.id, batch, is_fresh=opened.is_fresh)
        counts = _counts(parsed, batch, changes)
        _check_quota(opened.reading_count, counts["inserted"], settings)
        reply = await store.finish_push(
            connection, caller, opened, push_id, parsed.body_hash, counts, _first_rejected(batch),
            sorted(types), len(body), changes,
        )  # fmt: skip
    for outcome in ("inserted", "updated", "duplicates", "errors"):
        READINGS.labels(outcome).inc(counts[outcome])
    archived = archived_spans(types, opened.sealed or [])
    return msgspec.structs.replace(msgspec.convert(reply, SyncPushResponse), archived=archived)


async def _run(size: int, work: Callable[[], Result]) -> Result:
    return await asyncio.to_thread(work) if size > _LARGE_BODY else work()


def _counts(parsed: Parsed, batch: Batch, changes: list[Change]) -> dict[str, int]:
    inserted = sum(change.inserted for change in changes)
    updated = sum(change.updated for change in changes)
    return {
        "total_records": parsed.total,
        "inserted": inserted,
        "updated": updated,
        "duplicates": batch.duplicates + batch.size - inserted - updated,
        "errors": len(batch.rejected),
    }


def _check_quota(stored: int, inserted: int, settings: Settings) -> None:
    """After the write, which the error undoes: a repeated push adds nothing and is always taken."""
    if settings.max_user_readings and inserted and stored + inserted > settings.max_user_readings:
        raise QuotaExceeded(f"you may store {settings.max_user_readings} readings")


def _first_rejected(batch: Batch) -> list[dict[str, Any]]:
    first = sorted(batch.rejected, key=lambda item: item.index)[:_MAX_REJECTED]
    return [msgspec.structs.asdict(item) for item in first]


def _one_push_id(in_body: str | None, in_header: str | None) -> str | None:
    """`push_id`, or the header Idempotency-Key, which means the same."""
    if in_body is not None and in_header is not None and in_body != in_header:
        raise invalid_field("push_id", "differs from the header Idempotency-Key")
    push_id = in_body if in_body is not None else in_header
    if push_id is not None and (not 1 <= len(push_id) <= _MAX_ID or "\0" in push_id):
        raise invalid_field("push_id", "must have 1 to 64 characters")
    return push_id


def _session_fields(session: PushedSession, settings: Settings) -> dict[str, Any]:
    """The fields that were sent, for the database. Raises Invalid for a time out of bounds or a NUL character."""
    fields = {
        name: value
        for name, value in msgspec.structs.asdict(session).items()
        if value is not UNSET and name != "session_id"
    }
    for name in ("start_time", "end_time"):
        if fields.get(name) is not None:
            fields[name] = checked_time(fields[name], f"session.{name}", settings).isoformat()
    for name, value in {"session_id": session.session_id, **fields}.items():
        texts = [value] if isinstance(value, str) else value if isinstance(value, list | dict) else []
        if any("\0" in text for text in texts):
            raise invalid_field(f"session.{name}", "has a NUL character")
    return fields
