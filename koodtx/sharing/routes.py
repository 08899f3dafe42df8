"""Shares of analyses and sessions: `/share` under each, `shared-with-me`, and `/api/v1/shares`."""

from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import convert

from koodtx.app_state import AppState
from koodtx.errors import NotAllowed, NotFound
from koodtx.jobs import notify
from koodtx.keyset import MAX_CURSOR_LENGTH as MAX_PLACE_LENGTH
from koodtx.keyset import number_key, place_of
from koodtx.sharing import examples, store
from koodtx.sharing.delta import shared_with
from koodtx.sharing.messages import (
    MAX_CURSOR_LENGTH,
    Access,
    AccessList,
    NewShare,
    Share,
    ShareCount,
    SharedWithMe,
    ShareList,
)
from koodtx.sharing.share import check, share_id_of
from koodtx.sync.errors import CursorInvalid, Resync
from koodtx.web.body import BoundedRequest
from koodtx.web.paths import SessionId, name_of

Limit = Annotated[int, QueryParameter(ge=1, le=100)]
DeltaLimit = Annotated[int, QueryParameter(ge=1, le=1000)]
Before = Annotated[str | None, QueryParameter(max_length=MAX_PLACE_LENGTH, description="`next` of the page before.")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=MAX_CURSOR_LENGTH, description="Of the answer before; absent: everything.")
]  # fmt: skip


@post(
    "/api/v1/analysis/{job_id:uuid}/share",
    operation_id="shareAnalysis",
    summary="Share an analysis with a team that I lead",
    status_code=200,
    opt={
        "right": "job:share",
        "errors": [NotAllowed],
        "examples": {"request": examples.NEW_SHARE, "200": {"to view": examples.SHARE}},
    },
)
async def share_analysis(
    request: BoundedRequest, state: AppState, job_id: FromPath[UUID], data: JSONBody[NewShare]
) -> Share:
    """An analysis of my own; administrators can share any. Sharing with the same team again changes the share."""
    check(data)
    async with state.pool.connection() as connection, connection.transaction():
        share_id = share_id_of(await store.share_job(connection, request.user, job_id, data))
        share = await store.get_share(connection, share_id)
    await notify.publish_rights(state.redis)
    return share


@get(
    "/api/v1/analysis/{job_id:uuid}/share",
    operation_id="listSharesOfAnalysis",
    summary="With whom I share an analysis",
    opt={"right": "job:own", "examples": {"200": {"one share": examples.SHARES}}},
)
async def shares_of_analysis(request: BoundedRequest, state: AppState, job_id: FromPath[UUID]) -> ShareList:
    async with state.pool.connection() as connection:
        if not await store.owns_job(connection, request.user.user_id, job_id):
            raise NotFound
        return _list(await store.live_shares(connection, request.user.user_id, job_id=job_id))


@delete(
    "/api/v1/analysis/{job_id:uuid}/share/{team_id:uuid}",
    operation_id="unshareAnalysis",
    summary="End the share of an analysis with a team",
    status_code=204,
    opt={"right": "job:unshare"},
)
async def unshare_analysis(
    request: BoundedRequest, state: AppState, job_id: FromPath[UUID], team_id: FromPath[UUID]
) -> None:
    """For its owner, leads of the team, and administrators. It takes effect at once, also on open event streams."""
    async with state.pool.connection() as connection:
        ended = await store.end_share_of_job(connection, request.user, job_id, team_id)
    await _notify(state, ended)


@post(
    "/api/sessions/{session_id:str}/share",
    operation_id="shareSession",
    summary="Share a session with a team that I lead",
    status_code=200,
    opt={
        "right": "session:own",
        "errors": [NotAllowed],
        "examples": {"request": examples.NEW_SHARE, "200": {"to view": examples.OF_SESSION}},
    },
)
async def share_session(
    request: BoundedRequest, state: AppState, session_id: SessionId, data: JSONBody[NewShare]
) -> Share:
    """Members read it with `share_id`. Administrators can share their own sessions with any team."""
    check(data)
    async with state.pool.connection() as connection, connection.transaction():
        outcome = await store.share_session(connection, request.user, name_of(session_id), data)
        return await store.get_share(connection, share_id_of(outcome))


@get(
    "/api/sessions/{session_id:str}/share",
    operation_id="listSharesOfSession",
    summary="With whom I share a session",
    opt={"right": "session:own", "examples": {"200": {"one share": examples.SHARES_OF_SESSION}}},
)
async def shares_of_session(request: BoundedRequest, state: AppState, session_id: SessionId) -> ShareList:
    name = name_of(session_id)
    async with state.pool.connection() as connection:
        if not await store.owns_session(connection, request.user.user_id, name):
            raise NotFound
        return _list(await store.live_shares(connection, request.user.user_id, session_id=name))


@delete(
    "/api/sessions/{session_id:str}/share/{team_id:uuid}",
    operation_id="unshareSession",
    summary="End the share of my session with a team",
    status_code=204,
    opt={"right": "session:own"},
)
async def unshare_session(
    request: BoundedRequest, state: AppState, session_id: SessionId, team_id: FromPath[UUID]
) -> None:
    """For its owner. Leads of the team and administrators can end the share by its `share_id`."""
    async with state.pool.connection() as connection:
        user_id = request.user.user_id
        ended = await store.end_share_of_session(connection, user_id, name_of(session_id), team_id)
    await _notify(state, ended)


@get(
    "/api/v1/analysis/shared-with-me",
    operation_id="listSharedAnalyses",
    summary="Analyses that were shared with me since a cursor, and that no longer are",
    opt={"errors": [CursorInvalid, Resync], "examples": {"200": {"one gained, one lost": examples.SHARED}}},
)
async def shared_analyses(
    request: BoundedRequest, state: AppState, limit: DeltaLimit = 100, cursor: Cursor = None
) -> SharedWithMe:
    keys, user_id = state.settings.signing_keys, request.user.user_id
    return await shared_with(state.pool, keys, user_id, of_sessions=False, text=cursor, limit=limit)


@get(
    "/api/sessions/shared-with-me",
    operation_id="listSharedSessions",
    summary="Sessions that were shared with me since a cursor, and that no longer are",
    opt={"errors": [CursorInvalid, Resync], "examples": {"200": {"one gained, one lost": examples.SHARED_SESSIONS}}},
)
async def shared_sessions(
    request: BoundedRequest, state: AppState, limit: DeltaLimit = 100, cursor: Cursor = None
) -> SharedWithMe:
    """Read one by `GET /api/sessions/{session_id}?share_id=`, and its series and labels in the same way."""
    keys, user_id = state.settings.signing_keys, request.user.user_id
    return await shared_with(state.pool, keys, user_id, of_sessions=True, text=cursor, limit=limit)


@get(
    "/api/v1/shares",
    operation_id="listShares",
    summary="Everything that I share now, newest first",
    opt={"examples": {"200": {"one share": examples.SHARES}}},
)
async def shares(request: BoundedRequest, state: AppState, limit: Limit = 50, before: Before = None) -> ShareList:
    place = place_of(before, UUID)
    async with state.pool.connection() as connection:
        found = await store.live_shares(connection, request.user.user_id, before=place, limit=limit)
    return _list(found, next_place=found[-1].place.cursor() if len(found) == limit else None)


@delete(
    "/api/v1/shares",
    operation_id="revokeShares",
    summary="End all my shares",
    status_code=200,
    opt={"examples": {"200": {"three": examples.REVOKED}}},
)
async def revoke_all(request: BoundedRequest, state: AppState) -> ShareCount:
    async with state.pool.connection() as connection:
        revoked = await store.end_all(connection, request.user.user_id)
    await notify.publish_rights(state.redis)
    return ShareCount(revoked)


@delete(
    "/api/v1/shares/{share_id:uuid}",
    operation_id="revokeShare",
    summary="End a share",
    status_code=204,
    opt={"right": "share:end"},
)
async def revoke(request: BoundedRequest, state: AppState, share_id: FromPath[UUID]) -> None:
    """For the owner of what is shared, leads of the team, and administrators."""
    async with state.pool.connection() as connection:
        ended = await store.end_share(connection, request.user, share_id)
    await _notify(state, ended)


@get(
    "/api/v1/shares/{share_id:uuid}/accesses",
    operation_id="listAccesses",
    summary="Who viewed or downloaded what I share, newest first",
    opt={"right": "share:own", "examples": {"200": {"one view": examples.ACCESSES}}},
)
async def accesses(
    request: BoundedRequest, state: AppState, share_id: FromPath[UUID], limit: Limit = 50, before: Before = None
) -> AccessList:
    """One entry per person, action and hour, also after the share has ended."""
    place = place_of(before, number_key)
    async with state.pool.connection() as connection:
        if not await store.owns_share(connection, request.user.user_id, share_id):
            raise NotFound
        rows = await store.list_accesses(connection, request.user.user_id, share_id, before=place, limit=limit)
    entries = [convert(row, Access, from_attributes=True) for row in rows]
    return AccessList(entries, next=rows[-1].place.cursor() if len(rows) == limit else None)


def _list(rows: list[store.ShareRow], next_place: str | None = None) -> ShareList:
    return ShareList([convert(row, Share, from_attributes=True) for row in rows], next_place)


async def _notify(state: AppState, ended: int) -> None:
    """Raises NotFound when there was nothing that the caller may end."""
    if not ended:
        raise NotFound
    await notify.publish_rights(state.redis)


routes = Router(
    "/",
    route_handlers=[
        share_analysis, shares_of_analysis, unshare_analysis, share_session, shares_of_session, unshare_session,
        shared_analyses, shared_sessions, shares, revoke_all, revoke, accesses,
    ],
    opt={"policy": "user", "parameter_examples": {"session_id": "walk"}},
    tags=["Sharing"],
)  # fmt: skip
