"""List, read, annotate, delete recording sessions, by the `session_id` that the client chose."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, delete, get, patch, put
from litestar.params import JSONBody, QueryParameter

from koodtx.app_state import AppState
from koodtx.errors import NotFound, invalid_field
from koodtx.jobs import notify
from koodtx.jobs.task import enqueue_once
from koodtx.keyset import MAX_CURSOR_LENGTH, number_key, place_of
from koodtx.names import MAX_NAME_LENGTH, NO_NUL
from koodtx.readings.accepted_times import accepted_times
from koodtx.sessions import store
from koodtx.sessions.examples import LABELS, NOTES, POINTS, SERIES
from koodtx.sessions.labels import checked_labels
from koodtx.sessions.messages import (
    LABELS_BYTES,
    Method,
    NewLabels,
    Series,
    SeriesPoints,
    Session,
    SessionLabels,
    SessionList,
    SessionPatch,
)
from koodtx.sessions.series import (
    MAX_LTTB_READINGS,
    as_points,
    as_series,
    check_lttb_readings,
    check_points,
    check_span,
)
from koodtx.sessions.tasks import NoArguments, erase_deleted_sessions
from koodtx.web.body import BoundedRequest
from koodtx.web.paths import SessionId, name_of

ShareId = Annotated[
    UUID | None, QueryParameter(description="For a session of another user: the share that opens it to me.")
]


def _refuse_share(request: BoundedRequest) -> None:
    """Raises Invalid. Ignored, `share_id` would have a member change a session of their own that has the same name."""
    if "share_id" in request.query_params:
        raise invalid_field("share_id", "is only for reading: a session is changed by its owner")


@get("/", summary="Sessions, those that began last first")
async def list_sessions(
    request: BoundedRequest,
    state: AppState,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
    before: Annotated[
        str | None, QueryParameter(max_length=MAX_CURSOR_LENGTH, description="`next` of the page before.")
    ] = None,
) -> SessionList:
    place = place_of(before, number_key)
    async with state.pool.connection() as connection:
        rows = await store.list_sessions(connection, request.user.user_id, before=place, limit=limit)
    sessions = [msgspec.convert(row, Session, from_attributes=True) for row in rows]
    return SessionList(sessions, next=rows[-1].place.cursor() if len(rows) == limit else None)


@get("/{session_id:str}", operation_id="getSession", summary="One session", opt={"right": "session:view"})
async def read_session(
    request: BoundedRequest, state: AppState, session_id: SessionId, share_id: ShareId = None
) -> Session:
    async with state.pool.connection() as connection:
        session = await store.find_session(connection, request.user.user_id, name_of(session_id), share_id)
    if session is None:
        raise NotFound
    return msgspec.convert(session, Session, from_attributes=True)


@get(
    "/{session_id:str}/series",
    operation_id="getSeries",
    summary="One sensor of a session for a chart",
    opt={"right": "session:view", "examples": {"200": {"two buckets": SERIES, "three points by lttb": POINTS}}},
)
async def read_series(
    request: BoundedRequest,
    state: AppState,
    session_id: SessionId,
    sensor: Annotated[str, QueryParameter(min_length=1, max_length=MAX_NAME_LENGTH, pattern=NO_NUL)],
    from_at: Annotated[datetime | None, QueryParameter(name="from", description="Default: the first reading.")] = None,
    to_at: Annotated[datetime | None, QueryParameter(name="to", description="Default: the last reading.")] = None,
    points: Annotated[int, QueryParameter(ge=1, le=10_000)] = 1000,
    method: Annotated[Method, QueryParameter(description="`min_max` or `lttb`.")] = "min_max",
    share_id: ShareId = None,
) -> Series | SeriesPoints:
    """Minimum and maximum of each axis in at most `points` buckets, so that no peak is lost.

    With `method=lttb` (largest triangle, three buckets; Steinarsson 2013) instead at most `points` readings of each
    axis, at least 3, that keep the shape of its line: for charts that draw one line. It chooses among at most 1,000,000
    readings of the sensor between `from` and `to`. Archived readings are then a point per minute, their mean; minimum
    and maximum keep the peaks of archived readings, too.
    """
    check_span(from_at, to_at)
    check_points(method, points)
    async with state.pool.connection() as connection:
        session = await store.find_session(connection, request.user.user_id, name_of(session_id), share_id)
        if session is None:
            raise NotFound
        line = store.Line(session.id, sensor, from_at, to_at, points)
        if method == "lttb":
            check_lttb_readings(await store.has_more_readings(connection, line, MAX_LTTB_READINGS))
            return as_points(name_of(session_id), sensor, await store.points(connection, request.user.user_id, line))
        return as_series(name_of(session_id), sensor, await store.series(connection, request.user.user_id, line))


@patch(
    "/{session_id:str}",
    summary="Change the notes of a session",
    opt={"right": "session:own", "examples": {"request": NOTES}},
)
async def annotate_session(
    request: BoundedRequest, state: AppState, session_id: SessionId, data: JSONBody[SessionPatch]
) -> Session:
    _refuse_share(request)
    user_id = request.user.user_id
    async with state.pool.connection() as connection, connection.transaction():
        if not await store.annotate_session(connection, user_id, name_of(session_id), data.notes):
            raise NotFound
        session = await store.find_session(connection, user_id, name_of(session_id))
    return msgspec.convert(session, Session, from_attributes=True)


@get(
    "/{session_id:str}/labels",
    operation_id="getLabels",
    summary="The labels of a session that were set by API",
    opt={"right": "session:view"},
)
async def read_labels(
    request: BoundedRequest, state: AppState, session_id: SessionId, share_id: ShareId = None
) -> SessionLabels:
    async with state.pool.connection() as connection:
        session = await store.find_session(connection, request.user.user_id, name_of(session_id), share_id)
    if session is None:
        raise NotFound
    return msgspec.convert({"labels": session.labels or []}, SessionLabels)


@put(
    "/{session_id:str}/labels",
    operation_id="setLabels",
    summary="Replace the labels of a session",
    opt={"right": "session:own", "examples": {"request": LABELS}, "body_bytes": LABELS_BYTES},
)
async def set_labels(
    request: BoundedRequest, state: AppState, session_id: SessionId, data: JSONBody[NewLabels]
) -> SessionLabels:
    """An empty list removes them. Labels that readings carry are not touched."""
    _refuse_share(request)
    labels = checked_labels(data.labels, accepted_times(datetime.now(UTC), state.settings.max_age_days))
    async with state.pool.connection() as connection, connection.transaction():
        if not await store.set_labels(connection, request.user.user_id, name_of(session_id), labels):
            raise NotFound
    return SessionLabels(labels)


@delete("/{session_id:str}", summary="Delete a session and its readings", status_code=204, opt={"right": "session:own"})
async def delete_session(request: BoundedRequest, state: AppState, session_id: SessionId) -> None:
    """Hidden at once; other devices learn of it by pull; its id cannot be used again. Repeating it does no harm.

    A job erases the readings.
    """
    _refuse_share(request)
    async with state.pool.connection() as connection, connection.transaction():
        if not await store.delete_session(connection, request.user.user_id, name_of(session_id)):
            raise NotFound
        await enqueue_once(connection, erase_deleted_sessions, NoArguments())
    await notify.wake_worker(state.redis, erase_deleted_sessions.lane)


routes = Router(
    "/api/sessions",
    route_handlers=[
        list_sessions,
        read_session,
        read_series,
        read_labels,
        set_labels,
        annotate_session,
        delete_session,
    ],
    opt={"policy": "user", "parameter_examples": {"session_id": "walk", "sensor": "barometer"}},
    tags=["Sessions"],
)
