"""The texts of the OpenAPI document, and where it is served."""

from typing import Any

from litestar import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, License, SecurityScheme, Tag

from koodtx import __version__
from koodtx.web.pages.docs import OpenApiDocument, SwaggerPage

_DESCRIPTION = """Sync for mobile sensing: phones push readings and pull what changed, and lose nothing.

Log in at `/api/auth/login` and send `Authorization: Bearer <access_token>`. A trailing slash in a path is optional.
Errors are RFC 9457 problem details; clients distinguish them by `type`.
"""

_ANALYSIS = """A job computes the answer in the background; read its result when it has completed.

Watch a job at `/api/v1/analysis/{job_id}/events` or by WebSocket at `/ws/analysis/{job_id}?token=`, with a ticket or an
access token. Both send the same messages, each the whole state: `connected`, `progress`, and last `completed` or
`error`; the WebSocket also sends `ping`, to be answered by `{"type": "pong"}`. It closes with 1000 when the job has
ended, 4401 (token not valid, expired or already used), 4403 (page of another origin), 4404 (the job does not exist or
belongs to another user), 4408 (no pong received), 4410 (access lost or logged out), 4429 (too many at once) or 4413
(client too slow: connect again for the newest state).
"""

_JOBS = """Background work of the caller: see how far a job is,
read its result, cancel it, or queue it again if it failed.
"""

_LIVE = """`/api/v1/jobs/{job_id}/events` is about one job (the same as `/api/v1/analysis/{job_id}/events`);
`/api/v1/events` is one stream of all jobs and sessions of the caller. Both take a ticket, which opens one connection,
or an access token.
"""


def operation_name(handler: HTTPRouteHandler, _method: Any, _path: Any) -> str:
    """Returns the name of a handler's function as an operationId, which becomes a method of generated clients.

    A handler whose function's name says too little, or is not unique, declares `operation_id`.
    """
    first, *others = handler.handler_name.split("_")
    return first + "".join(other.capitalize() for other in others)


OPENAPI = OpenAPIConfig(
    title="KooDTX",
    version=__version__,
    description=_DESCRIPTION,
    license=License(name="MIT", identifier="MIT"),
    path="/docs",
    render_plugins=[SwaggerPage(path="/"), OpenApiDocument(path="/openapi.json", media_type=MediaType.JSON)],
    components=Components(
        security_schemes={"bearerAuth": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
    ),
    security=[{"bearerAuth": []}],
    use_handler_docstrings=True,
    operation_id_creator=operation_name,
    tags=[
        Tag(name="Accounts", description="Register, log in, refresh; devices; own account."),
        Tag(name="Sync", description="Push readings, pull changes, see what is stored."),
        Tag(name="Sessions", description="Recording sessions: list, read, annotate, delete."),
        Tag(name="Analysis", description=_ANALYSIS),
        Tag(name="Jobs", description=_JOBS),
        Tag(name="Live", description=_LIVE),
        Tag(name="Teams", description="Teams, their members and invitations."),
        Tag(name="Sharing", description="Results and sessions shared with teams, until a time; who used what."),
        Tag(name="Files", description="Files by links that expire."),
        Tag(name="Diary", description="Food and exercise that users note down, also offline."),
        Tag(name="Recommendations", description="One per day, from the diary and what sensors recorded."),
        Tag(name="Scripts", description="Scripts to practise: lines (tokens), actors, reference audio."),
        Tag(name="My page", description="Bookmarked lines, dubbed lines, progress."),
        Tag(name="Webhooks", description="Signed messages to URLs of users when something is ready."),
        Tag(name="Takes", description="Takes of lines: upload, progress, scores; the webhook of the analysis server."),
        Tag(name="Batch", description="For administrators: schedules, their runs, and runs on request."),
        Tag(name="Admin", description="For administrators: jobs of all users, workers, maintenance."),
        Tag(name="Service", description="Health and metrics."),
    ],
)
