"""A decoded batch of readings, stored in one transaction. JSON, adapters and imports all end here."""

import math
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from koodtx.accounts.caller import Caller
from koodtx.database.query import Connection
from koodtx.readings.blocks import Batch, Block, Group, RejectedItem
from koodtx.readings.sensor_types import SensorType, sensor_types
from koodtx.readings.write import Change, write_readings
from koodtx.sync import store
from koodtx.sync.errors import QuotaExceeded
from koodtx.sync.messages import AcceptedSpan, ArchivedSpan, PushTerms, SessionFields, SyncPushResponse
from koodtx.sync.prefetch import in_thread_if, one_ahead
from koodtx.sync.push.archived import ArchivedRange
from koodtx.sync.push.arrange import arrange, columns_of

_LARGE_BATCH = 20_000
_NO_TERMS = PushTerms()
_MAX_REJECTED = 100


class _Outcome(Struct):
    """What became of the readings before they were written."""

    rejected: list[RejectedItem]
    duplicates: int = 0
    written: int = 0
    texts: int = 0


async def apply(
    connection: Connection, caller: Caller, session: SessionFields, batch: Batch, terms: PushTerms = _NO_TERMS,
    *, max_user_readings: int = 0, max_user_sensors: int = 256,
) -> SyncPushResponse:  # fmt: skip
    """Stores a batch of a session, which is made if it is new. Nothing is stored when an error is raised.

    Raises SessionDeleted, PushIdReused (push_id of a batch with another fingerprint), PushReplaced, EndBeforeStart,
    QuotaExceeded. `max_user_readings`: how many the user may have in all; 0: any number. `max_user_sensors`: how many
    names of sensors the user's sessions may use. `connection` is in autocommit mode.
    """
    types = await sensor_types(connection, caller.user_id, batch.groups, max_user_sensors)
    sensors, outcome = _by_sensor(batch, types, max_user_sensors)
    async with connection.transaction():
        opened = await store.open_push(connection, caller, session, batch, terms, _ranges(sensors, types))
        if opened.replay is not None:
            return msgspec.convert(opened.replay | {"replayed": True}, SyncPushResponse)
        archived = [ArchivedRange(**span) for span in opened.archived or []]
        columns = columns_of(batch.groups, types)
        async with aclosing(one_ahead(_blocks(sensors, types, archived, outcome, batch.total))) as blocks:
            changes = await write_readings(
                connection, opened.recording_id, blocks, columns, has_overlap=opened.has_overlap
            )
        counts = _counts(batch, outcome, changes)
        _check_quota(opened.reading_count, counts["inserted"], max_user_readings)
        reply = {
            "message": "Sync completed successfully",
            "session_id": session.session_id,
            **counts,
            "rejected": _first_rejected(outcome),
            "archived": _archived_spans(types, archived),
            "numbers_as_text": outcome.texts,
            **_time_members(batch, terms),
        }
        written = store.WrittenPush(reply, changes, [types[name] for name in sensors])
        reply = await store.finish_push(connection, caller, opened, batch, terms, written)
    return msgspec.convert(reply, SyncPushResponse)


def _by_sensor(batch: Batch, types: dict[str, SensorType], max_sensors: int) -> tuple[dict[str, list[Group]], _Outcome]:
    """The groups by sensor, in the order of the database's key; those of types that may not be made are refused."""
    message = (
        f"your sessions already use {max_sensors} names of sensors, as many as they may: hold the reading and send it"
        " again when sessions that use other names are deleted or the limit is raised"
    )
    outcome = _Outcome(list(batch.rejected))
    sensors: defaultdict[str, list[Group]] = defaultdict(list)
    for group in batch.groups:
        if group.sensor in types:
            sensors[group.sensor].append(group)
        else:
            places = group.places.tolist()
            outcome.rejected += [RejectedItem(place, "too_many_types", message, hold=True) for place in places]
    return {name: sensors[name] for name in sorted(sensors, key=lambda name: types[name].id)}, outcome


def _ranges(sensors: dict[str, list[Group]], types: dict[str, SensorType]) -> dict[int, tuple[int, int]]:
    """First and last time of each sensor type, epoch microseconds."""
    return {
        types[name].id: (
            min(int(group.micros.min()) for group in groups),
            max(int(group.micros.max()) for group in groups),
        )
        for name, groups in sensors.items()
    }


async def _blocks(
    sensors: dict[str, list[Group]], types: dict[str, SensorType], archived: list[ArchivedRange], outcome: _Outcome,
    total: int,
) -> AsyncGenerator[Block]:  # fmt: skip
    """The block of each sensor, made when it is asked for; what does not get into it is added to the outcome."""
    for name, groups in sensors.items():
        sensor = types[name]
        ranges = [span for span in archived if span.sensor_type_id == sensor.id]
        arranged = await in_thread_if(total > _LARGE_BATCH, partial(arrange, groups, sensor, ranges))
        outcome.rejected += arranged.rejected
        outcome.duplicates += arranged.duplicates
        outcome.texts += arranged.texts
        if arranged.block is not None:
            outcome.written += len(arranged.block)
            yield arranged.block


def _counts(batch: Batch, outcome: _Outcome, changes: list[Change]) -> dict[str, int]:
    inserted = sum(change.inserted for change in changes)
    updated = sum(change.updated for change in changes)
    return {
        "total_records": batch.total,
        "inserted": inserted,
        "updated": updated,
        "duplicates": outcome.duplicates + outcome.written - inserted - updated,
        "errors": len(outcome.rejected),
    }


def _check_quota(stored: int, inserted: int, limit: int) -> None:
    """After the write, which the error undoes: a repeated push adds nothing and is always taken."""
    if limit and inserted and stored + inserted > limit:
        raise QuotaExceeded(f"you may store {limit} readings")


def _first_rejected(outcome: _Outcome) -> list[dict[str, Any]]:
    first = sorted(outcome.rejected, key=lambda item: item.index)[:_MAX_REJECTED]
    found: list[dict[str, Any]] = msgspec.to_builtins(first)
    return found


def _time_members(batch: Batch, terms: PushTerms) -> dict[str, Any]:
    """What the reply has about times, so that a phone can correct them."""
    members: dict[str, Any] = {}
    if batch.accepted is not None:
        span = AcceptedSpan(math.ceil(batch.accepted.oldest_ms), math.floor(batch.accepted.newest_ms))
        members["accepted_times"] = msgspec.to_builtins(span)
    if terms.clock_offset_ms is not None:
        members["clock_offset_ms"] = terms.clock_offset_ms
    return members


def _archived_spans(types: dict[str, SensorType], ranges: list[ArchivedRange]) -> list[Any]:
    """The ranges as the reply names them: where thousands of readings are refused, not each is listed."""
    names = {sensor.id: name for name, sensor in types.items()}
    spans = [ArchivedSpan(names[span.sensor_type_id], span.from_us // 1000, span.until_us // 1000) for span in ranges]
    found: list[Any] = msgspec.to_builtins(spans)
    return found
