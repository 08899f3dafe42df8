"""/api/tokens: upload a take, read its result; and the webhook of the analysis server."""

from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, PathParameter

from koodtx.app_state import AppState
from koodtx.audio.errors import AudioDamaged, UnsupportedAudio
from koodtx.errors import DatabaseUnavailable, NotFound, TooMany
from koodtx.jobs import notify
from koodtx.json import decode_json
from koodtx.names import LARGEST_ID
from koodtx.storage.errors import StorageUnavailable
from koodtx.takes import examples, store
from koodtx.takes.errors import AnalysisServerMissing, NoReferenceAudio, TakesFull
from koodtx.takes.messages import REPORT_BYTES, AnalysisReport, ReportTaken, TakeResult, TakeStarted
from koodtx.takes.receive import receive
from koodtx.takes.upload import Uploads
from koodtx.web.body import BoundedRequest
from koodtx.web.errors import UnsupportedMedia
from koodtx.web.file_upload import receive_file
from koodtx.web.openapi.declare import file_form, signed_json_body
from koodtx.webhooks import send
from koodtx.webhooks.signature import SignatureInvalid, verify

_FIELD = "audio_file"


@post(
    "/{token_id:int}/upload-audio",
    operation_id="uploadTake",
    summary="Upload a take of a line; a job has it analysed",
    status_code=202,
    operation_class=file_form(_FIELD, "WAV, MP3 or M4A, at most 50 MB."),
    opt={
        "policy": "user",
        "right": "token:read",
        "errors": [
            AnalysisServerMissing, AudioDamaged, NoReferenceAudio, StorageUnavailable, TakesFull, TooMany,
            UnsupportedAudio,
        ],
        "examples": {"202": {"a new take": examples.STARTED}},
    },
)  # fmt: skip
async def upload(
    request: BoundedRequest, state: AppState, token_id: Annotated[int, PathParameter(ge=1, le=LARGEST_ID)]
) -> TakeStarted:
    """The format is that of the content; name and type of the file are ignored."""
    user_id = request.user.user_id
    uploads = Uploads(state.pool, state.redis, state.objects, state.settings)
    await uploads.check(user_id, token_id)
    request.on_end.enter_context(state.user_uploads.hold(user_id))
    request.on_end.enter_context(state.uploads.hold("all"))
    file = await receive_file(request, _FIELD, state.settings.max_take_bytes)
    return TakeStarted(await uploads.store(user_id, token_id, file))


@get(
    "/analysis-result/{job_id:uuid}",
    operation_id="getTakeResult",
    summary="The scores of a take, null until they are there",
    opt={
        "policy": "user",
        "right": "take:own",
        "examples": {"200": {"completed": examples.COMPLETED, "failed": examples.FAILED}},
    },
)
async def read_result(request: BoundedRequest, state: AppState, job_id: FromPath[UUID]) -> TakeResult:
    async with state.pool.connection() as connection:
        take = await store.find_own(connection, request.user.user_id, job_id)
    if take is None:
        raise NotFound
    return take.result()


# The policy is public because the analysis server has no account: its signature is verified.
@post(
    "/webhook/analysis-complete",
    operation_id="reportAnalysis",
    summary="For the analysis server: progress and result of a take",
    status_code=200,
    operation_class=signed_json_body(AnalysisReport),
    opt={
        "policy": "public",
        "body_bytes": REPORT_BYTES,
        "errors": [SignatureInvalid, NotFound, DatabaseUnavailable],
        "examples": {"request": {"completed": examples.REPORT}, "200": {"accepted": examples.ACCEPTED}},
    },
)
async def report(request: BoundedRequest, state: AppState) -> ReportTaken:
    """Signed after Standard Webhooks: headers `webhook-id`, `webhook-timestamp`, `webhook-signature`.

    The same again, and what comes after the end, is answered 200 with `ignored`.
    """
    if "content-encoding" in request.headers:
        raise UnsupportedMedia("the body must not be compressed: the signature is of its bytes")
    body = await request.json_body()
    verify(state.settings.analysis_secrets, request.headers, body)
    reported = decode_json(body, partial(msgspec.json.decode, type=AnalysisReport))
    async with state.pool.connection() as connection, connection.transaction():
        received = await receive(connection, reported)
    if received.job is not None:
        await notify.publish_state(state.redis, received.job)
    if received.has_messages:
        await notify.wake_worker(state.redis, send.LANE)
    return ReportTaken("accepted" if received.is_accepted else "ignored")


routes = Router("/api/tokens", route_handlers=[upload, read_result, report], tags=["Takes"])
