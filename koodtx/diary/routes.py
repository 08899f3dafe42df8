"""The diary: food and exercise records, by the `record_id` that the client made."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import structs

from koodtx.app_state import AppState
from koodtx.database.query import Connection
from koodtx.diary import examples, store
from koodtx.diary.check import checked, edited, times_of_records
from koodtx.diary.delta import exchange
from koodtx.diary.errors import RecordDeleted
from koodtx.diary.messages import (
    DiaryRecord,
    NewRecord,
    OneRecord,
    RecordList,
    RecordPatch,
    RecordSync,
    RecordType,
    SyncedRecords,
)
from koodtx.errors import NotFound
from koodtx.keyset import MAX_CURSOR_LENGTH, Place, place_of
from koodtx.sync.errors import CursorInvalid, Resync
from koodtx.web.body import BoundedRequest


@get(
    "/",
    operation_id="listRecords",
    summary="Records of the diary, the latest first",
    opt={"examples": {"200": {"one record": examples.RECORDS}}},
)
async def list_records(
    request: BoundedRequest,
    state: AppState,
    record_type: Annotated[RecordType | None, QueryParameter(description="Absent: both.")] = None,
    day: Annotated[date | None, QueryParameter(name="date", description="A day of my time zone.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
    before: Annotated[
        str | None, QueryParameter(max_length=MAX_CURSOR_LENGTH, description="`next` of the page before.")
    ] = None,
) -> RecordList:
    place = place_of(before, UUID)
    async with state.pool.connection() as connection:
        rows = await store.list_records(connection, request.user.user_id, record_type, day, place, limit)
    last = Place(rows[-1].at, rows[-1].record_id).cursor() if len(rows) == limit else None
    return RecordList(rows, next=last)


@post(
    "/",
    operation_id="putRecord",
    summary="Create a record, or replace it",
    status_code=200,
    opt={
        "errors": [RecordDeleted],
        "examples": {"request": {"food": examples.FOOD}, "200": {"food": examples.ONE}},
    },
)
async def put_record(request: BoundedRequest, state: AppState, data: JSONBody[NewRecord]) -> OneRecord:
    """The same again changes nothing; with another body the record is replaced: the last to arrive wins."""
    fields = checked(data, times_of_records())
    user_id = request.user.user_id
    async with state.pool.connection() as connection:
        async with connection.transaction():
            if await store.put_records(connection, user_id, [fields]):
                raise RecordDeleted
            record = await _found(connection, user_id, data.record_id)
        return await _with_session(connection, user_id, record)


@post(
    "/sync",
    operation_id="syncRecords",
    summary="Exchange changes: those of the device, and those since its cursor",
    status_code=200,
    opt={
        "errors": [CursorInvalid, Resync],
        "examples": {"request": {"first": examples.SYNC}, "200": {"one record": examples.SYNCED}},
    },
)
async def sync_records(request: BoundedRequest, state: AppState, data: JSONBody[RecordSync]) -> SyncedRecords:
    """All of the device's changes are stored, or none. Sent again, e.g. as the answer was lost, they count once."""
    accepted = times_of_records()
    records = [checked(new, accepted, f"records[{place}].") for place, new in enumerate(data.records)]
    keys, user_id = state.settings.signing_keys, request.user.user_id
    return await exchange(state.pool, keys, user_id, records, data.deleted, data.cursor, data.limit)


@get(
    "/{record_id:uuid}",
    operation_id="getRecord",
    summary="One record, with the measures of its session",
    opt={"right": "record:own", "examples": {"200": {"food": examples.ONE}}},
)
async def read_record(request: BoundedRequest, state: AppState, record_id: FromPath[UUID]) -> OneRecord:
    user_id = request.user.user_id
    async with state.pool.connection() as connection:
        return await _with_session(connection, user_id, await _found(connection, user_id, record_id))


@patch(
    "/{record_id:uuid}",
    operation_id="editRecord",
    summary="Change fields of a record",
    opt={"right": "record:own", "examples": {"request": {"energy": examples.PATCH}, "200": {"food": examples.ONE}}},
)
async def edit_record(
    request: BoundedRequest, state: AppState, record_id: FromPath[UUID], data: JSONBody[RecordPatch]
) -> OneRecord:
    user_id = request.user.user_id
    async with state.pool.connection() as connection:
        async with connection.transaction():
            await store.lock(connection, user_id)
            old = await _found(connection, user_id, record_id)
            await store.put_records(connection, user_id, [checked(edited(old, data), times_of_records())])
            record = await _found(connection, user_id, record_id)
        return await _with_session(connection, user_id, record)


@delete(
    "/{record_id:uuid}",
    operation_id="deleteRecord",
    summary="Delete a record",
    status_code=204,
    opt={"right": "record:own"},
)
async def delete_record(request: BoundedRequest, state: AppState, record_id: FromPath[UUID]) -> None:
    """Again the same answer. The id never comes back."""
    user_id = request.user.user_id
    async with state.pool.connection() as connection, connection.transaction():
        if not await store.is_known(connection, user_id, record_id):
            raise NotFound
        await store.put_records(connection, user_id, [], [record_id])


async def _found(connection: Connection, user_id: int, record_id: UUID) -> DiaryRecord:
    record = await store.find_record(connection, user_id, record_id)
    if record is None:
        raise NotFound
    return record


async def _with_session(connection: Connection, user_id: int, record: DiaryRecord) -> OneRecord:
    """After the transaction: the distance of a long session takes seconds, in which pushes would wait for its locks."""
    session_id = record.session_id
    found = await store.from_session(connection, user_id, session_id) if session_id else None
    return OneRecord(**structs.asdict(record), from_session=found)


routes = Router(
    "/api/records",
    route_handlers=[list_records, put_record, sync_records, read_record, edit_record, delete_record],
    opt={"policy": "user", "parameter_examples": {"record_id": examples.RECORD_ID}},
    tags=["Diary"],
)
