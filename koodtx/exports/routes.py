"""Downloads of sessions and results."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from koodtx.analysis.examples import RESULTS
from koodtx.app_state import AppState
from koodtx.errors import NotFound, RangeNotSatisfiable, TooLarge, TooMany
from koodtx.exports import examples, jobs, store
from koodtx.exports.answer import File, answer
from koodtx.exports.errors import FormatNotInstalled, ResultNotReady, UnknownFormat
from koodtx.exports.messages import MEDIA_TYPES, RESULT_FORMATS, SESSION_FORMATS, ExportRequest, ExportState
from koodtx.exports.result_file import result_fingerprint, write_result
from koodtx.exports.write import check_installed, fingerprint, write
from koodtx.file_names import file_name
from koodtx.sessions.store import find_session
from koodtx.storage.errors import StorageUnavailable
from koodtx.web.body import BoundedRequest
from koodtx.web.files import IfNoneMatch, IfRange, RangeHeader
from koodtx.web.paths import SessionId, name_of

ShareId = Annotated[
    UUID | None, QueryParameter(description="For a session of another user: the share that lets me download it.")
]
_RESPONSES = {
    200: ResponseSpec(bytes, description="The file.", generate_examples=False),
    206: ResponseSpec(bytes, description="The part of the file that was asked for.", generate_examples=False),
    304: ResponseSpec(None, description="The file has not changed.", generate_examples=False),
}
_ERRORS = [UnknownFormat, RangeNotSatisfiable, TooMany]

Format = TypeVar("Format", bound=str)


@get(
    "/api/sessions/{session_id:str}/download",
    operation_id="downloadSession",
    summary="A session as a file",
    responses=_RESPONSES,
    opt={
        "right": "session:download",
        "errors": [*_ERRORS, FormatNotInstalled, TooLarge],
        "media_types": [MEDIA_TYPES[name] for name in SESSION_FORMATS],
        "parameter_examples": {"session_id": "walk"},
    },
    tags=["Sessions"],
)
async def download_session(
    request: BoundedRequest,
    state: AppState,
    session_id: SessionId,
    file_format: Annotated[
        str, QueryParameter(name="format", max_length=64, schema_extra={"enum": list(SESSION_FORMATS)})
    ] = "csv",
    share_id: ShareId = None,
    byte_range: RangeHeader = None,
    if_range: IfRange = None,
    if_none_match: IfNoneMatch = None,
) -> Stream | Response[None]:
    """All readings, as of one moment, streamed. `csv`: a row per reading. `json`: as in a pull. `zip`: a CSV file per
    sensor and a README. `parquet`: as csv. `gpx`: tracks of the sensors with positions.

    Archived readings are rollups, per minute. As long as the session does not change, the file has the same bytes and
    the same ETag, so that `Range` with `If-Range` resumes a download that was cut off.
    """
    checked = _checked(file_format, SESSION_FORMATS)
    user_id = request.user.user_id
    request.on_end.enter_context(state.downloads.hold(user_id))
    connection = await request.on_end.enter_async_context(state.pool.connection())
    # In a transaction of its own, as it notes the download of a share: a snapshot only reads.
    if await find_session(connection, user_id, name_of(session_id), share_id, "download") is None:
        raise NotFound
    await request.on_end.enter_async_context(store.snapshot(connection, state.settings.download_max_s))
    session = await store.find_session(connection, user_id, name_of(session_id), share_id)
    if session is None:
        raise NotFound
    limit = state.settings.download_max_readings
    if limit and session.stored_count > limit:
        raise TooLarge(
            f"the session has {session.stored_count} readings, more than {limit}: let a job write the file,"
            " POST /api/v1/exports"
        )
    file = File(
        name=file_name(session.fields.session_id, checked),
        media_type=MEDIA_TYPES[checked],
        fingerprint=fingerprint([session], checked),
        write=lambda: write(connection, [session], checked),
        may_download=lambda: _may_still(request, state, recording_id=session.recording_id),
    )
    return await answer(request, file, state.downloads.lengths, state.settings.download_max_s)


@get(
    "/api/v1/analysis/{job_id:uuid}/download",
    operation_id="downloadResult",
    summary="The result of a job as a file",
    responses=_RESPONSES,
    opt={
        "right": "job:download",
        "errors": [*_ERRORS, ResultNotReady],
        "media_types": [MEDIA_TYPES[name] for name in RESULT_FORMATS],
        "examples": {"200": {"an analysis": RESULTS["analyze_sensor_data"]}},
    },
    tags=["Analysis"],
)
async def download_result(
    request: BoundedRequest,
    state: AppState,
    job_id: FromPath[UUID],
    file_format: Annotated[
        str, QueryParameter(name="format", max_length=64, schema_extra={"enum": list(RESULT_FORMATS)})
    ] = "json",
    byte_range: RangeHeader = None,
    if_range: IfRange = None,
    if_none_match: IfNoneMatch = None,
) -> Stream | Response[None]:
    """`json`: as `/result`, for people to read. `csv`: a row per number. `zip`: tables and a README of units."""
    checked = _checked(file_format, RESULT_FORMATS)
    async with state.pool.connection() as connection:
        result = await store.find_result(connection, request.user.user_id, job_id)
    if result is None:
        raise NotFound
    if result.document is None:
        raise ResultNotReady(f"the job has not completed: it is {result.status}")
    file = File(
        name=file_name(result.title, checked),
        media_type=MEDIA_TYPES[checked],
        fingerprint=result_fingerprint(result, checked),
        write=lambda: write_result(result, checked),
        may_download=lambda: _may_still(request, state, job_id=job_id),
    )
    return await answer(request, file, state.downloads.lengths, state.settings.download_max_s)


@post(
    "/api/v1/exports",
    operation_id="startExport",
    summary="Write sessions into a file; a job does it",
    status_code=202,
    opt={
        "right": "session:own",
        "errors": [NotFound, TooMany, UnknownFormat, FormatNotInstalled],
        "examples": {"request": examples.EXPORTS, "202": {"a new job": examples.EXPORT_QUEUED}},
    },
    tags=["Files"],
)
async def start_export(request: BoundedRequest, state: AppState, data: JSONBody[ExportRequest]) -> ExportState:
    """For large sessions, or many. Formats as in the download of a session. Watch it like any job, or poll it."""
    checked = _checked(data.format, SESSION_FORMATS)
    check_installed(checked)
    user_id, max_waiting = request.user.user_id, state.settings.max_user_jobs
    return await jobs.submit(state.pool, state.redis, user_id, data, checked, max_waiting=max_waiting)


@get(
    "/api/v1/exports/{job_id:uuid}",
    operation_id="getExport",
    summary="How far an export is, and a link to its file",
    opt={
        "right": "export:own",
        "errors": [StorageUnavailable],
        "examples": {"200": {"running": examples.EXPORT_RUNNING, "completed": examples.EXPORT_COMPLETED}},
    },
    tags=["Files"],
)
async def read_export(request: BoundedRequest, state: AppState, job_id: FromPath[UUID]) -> ExportState:
    """Each answer has a new link. The file is removed after some days, 7 unless the operator has changed that."""
    return await jobs.read(state.pool, state.objects, state.settings, request.user.user_id, job_id)


async def _may_still(request: BoundedRequest, state: AppState, **thing: Any) -> bool:
    """Whether the caller may download it now. By another connection: that of the download reads one state."""
    async with state.pool.connection() as connection:
        return await store.may_still_download(connection, request.user.login_id, **thing)


def _checked(name: str, formats: Sequence[Format]) -> Format:
    found = next((known for known in formats if known == name), None)
    if found is None:
        raise UnknownFormat(f"format must be one of {', '.join(formats)}")
    return found


routes = Router(
    "/", route_handlers=[download_session, download_result, start_export, read_export], opt={"policy": "user"}
)
