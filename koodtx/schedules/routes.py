"""/api/batch: schedules and their runs, for administrators."""

from typing import Annotated

from litestar import Router, delete, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import UNSET

from koodtx.app_state import AppState
from koodtx.errors import NotFound, invalid_field
from koodtx.jobs import notify as jobs_notify
from koodtx.names import LARGEST_ID
from koodtx.schedules import edit, examples, notify, read, run
from koodtx.schedules.errors import ScheduleExists
from koodtx.schedules.messages import (
    BatchStatus,
    NewSchedule,
    RunRequest,
    RunStarted,
    Schedule,
    ScheduleChange,
    ScheduleChoice,
    ScheduleList,
    SyncStarted,
)
from koodtx.web.body import BoundedRequest
from koodtx.web.openapi.declare import optional_body

_InPath = Annotated[int, PathParameter(ge=1, le=LARGEST_ID, description="`id` of the schedule.")]
_InQuery = Annotated[
    int | None, QueryParameter(name="id", ge=1, le=LARGEST_ID, description="Of the schedule, if the body has none.")
]


@get(
    "/schedule",
    operation_id="listSchedules",
    summary="All schedules, with their next and last run",
    opt={"examples": {"200": {"one schedule": examples.SCHEDULES}}},
)
async def list_all(state: AppState) -> ScheduleList:
    async with state.pool.connection() as connection:
        return ScheduleList(await read.list_schedules(connection))


@post(
    "/schedule",
    operation_id="createSchedule",
    summary="Create a schedule",
    opt={"errors": [ScheduleExists], "examples": {"request": examples.NEW, "201": {"daily": examples.SCHEDULE}}},
)
async def create(state: AppState, data: JSONBody[NewSchedule]) -> Schedule:
    """Of any task. Its first run is at its next time."""
    async with state.pool.connection() as connection:
        schedule_id = await edit.create(connection, data, state.settings.timezone)
        return await read.read_schedule(connection, schedule_id)


@put(
    "/schedule/{schedule_id:int}",
    operation_id="editSchedule",
    summary="Edit a schedule",
    opt={
        "right": "schedule:any",
        "errors": [ScheduleExists],
        "parameter_examples": {"schedule_id": 1},
        "examples": {"request": examples.CHANGE, "200": {"edited": examples.SCHEDULE}},
    },
)
async def edit_one(state: AppState, schedule_id: _InPath, data: JSONBody[ScheduleChange]) -> Schedule:
    """Absent fields stay as they are. If its times changed, or it was switched on again, it waits for its next time."""
    return await _edit(state, _chosen(schedule_id, data), data)


@put(
    "/schedule",
    operation_id="editScheduleByQuery",
    summary="Edit a schedule whose id is in the query or body",
    opt={
        "errors": [NotFound, ScheduleExists],
        "examples": {"request": examples.CHANGE_BY_BODY, "200": {"edited": examples.SCHEDULE}},
    },
)
async def edit_by_query(state: AppState, data: JSONBody[ScheduleChange], schedule_id: _InQuery = None) -> Schedule:
    """The same as with the id in the path."""
    return await _edit(state, _chosen(schedule_id, data), data)


@delete(
    "/schedule/{schedule_id:int}",
    operation_id="deleteSchedule",
    summary="Delete a schedule",
    status_code=204,
    opt={"right": "schedule:any", "parameter_examples": {"schedule_id": 1}},
)
async def delete_one(state: AppState, schedule_id: _InPath) -> None:
    """A job that it has started goes on; the list of its scheduled runs is deleted."""
    async with state.pool.connection() as connection:
        await edit.delete(connection, schedule_id)


@delete(
    "/schedule",
    operation_id="deleteScheduleByQuery",
    summary="Delete a schedule whose id is in the query or body",
    status_code=204,
    operation_class=optional_body(ScheduleChoice),
    opt={"errors": [NotFound], "examples": {"request": examples.CHOICE}},
)
async def delete_by_query(
    state: AppState, schedule_id: _InQuery = None, data: JSONBody[ScheduleChoice | None] = None
) -> None:
    """The same as with the id in the path."""
    async with state.pool.connection() as connection:
        await edit.delete(connection, _chosen(schedule_id, data))


@post(
    "/run",
    operation_id="runBatch",
    summary="Run a schedule or a task now",
    status_code=202,
    opt={"errors": [NotFound], "examples": {"request": examples.RUNS, "202": {"queued": examples.STARTED}}},
)
async def run_now(request: BoundedRequest, state: AppState, data: JSONBody[RunRequest]) -> RunStarted:
    """For a date or a user, if the task has such arguments. The times of the schedule stay as they are."""
    async with state.pool.connection() as connection:
        started, task = await run.start_run(connection, data, request.user.user_id)
    await jobs_notify.wake_worker(state.redis, task.lane)
    return started


@get(
    "/status",
    operation_id="getBatchStatus",
    summary="Schedules, the newest runs, and workers",
    opt={"examples": {"200": {"one of each": examples.STATUS}}},
)
async def status(
    state: AppState, limit: Annotated[int, QueryParameter(ge=1, le=1000, description="Of runs.")] = 50
) -> BatchStatus:
    async with state.pool.connection() as connection:
        return await read.read_status(connection, limit)


@post(
    "/sync",
    operation_id="syncSchedules",
    summary="Let schedulers read the schedules at once",
    status_code=200,
    opt={"examples": {"200": {"two schedulers": examples.SYNC}}},
)
async def sync(state: AppState) -> SyncStarted:
    """Without it they read them every five seconds."""
    return SyncStarted(await notify.wake_schedulers(state.redis))


async def _edit(state: AppState, schedule_id: int, change: ScheduleChange) -> Schedule:
    async with state.pool.connection() as connection:
        await edit.edit(connection, schedule_id, change)
        return await read.read_schedule(connection, schedule_id)


def _chosen(given: int | None, body: ScheduleChange | ScheduleChoice | None) -> int:
    """The id, which path, query and body must agree on."""
    in_body = None if body is None or body.id is UNSET else body.id
    if given is None and in_body is None:
        raise invalid_field("id", "is missing: it may be in the path, the query or the body")
    if given is not None and in_body is not None and given != in_body:
        raise invalid_field("id", "is another one in the body")
    chosen = in_body if given is None else given
    assert chosen is not None
    return chosen


routes = Router(
    "/api/batch",
    route_handlers=[
        list_all, create, edit_one, edit_by_query, delete_one, delete_by_query, run_now, status, sync,
    ],
    opt={"policy": "admin"},
    tags=["Batch"],
)  # fmt: skip
