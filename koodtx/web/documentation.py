"""/docs: Swagger UI and the OpenAPI document, all from this server, under a strict content security policy."""

from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Router, get
from litestar.datastructures import ResponseHeader
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag
from litestar.params import FromPath
from litestar.response import File, Redirect

from koodtx import __version__
from koodtx.errors import NotFound
from koodtx.web.openapi import complete, json_body, written_reply

__all__ = ["OPENAPI", "json_body", "routes", "written_reply"]

# Swagger UI sets styles on elements, and its icons are data: URLs.
_HEADERS = [
    ResponseHeader(
        name="Content-Security-Policy",
        value="default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ResponseHeader(name="X-Content-Type-Options", value="nosniff"),
    ResponseHeader(name="Referrer-Policy", value="no-referrer"),
]
_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_PAGE = b"""<!doctype html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>KooDTX API</title>
    <link rel="icon" type="image/png" href="/docs/assets/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
    <div id="swagger-ui"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
</body>
</html>
"""
# No validator: it would tell another site about this one.
_START = """SwaggerUIBundle({
    url: "/docs/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    validatorUrl: null,
});
"""
_DESCRIPTION = """Sync for mobile sensing: phones push readings, pull what changed, and lose nothing.

Log in at `/api/auth/login` and send `Authorization: Bearer <access_token>`. Paths answer with and without a last slash.
Errors are RFC 9457 problem details; `type` tells them apart.
"""

_ANALYSIS = """Ask a question; a job answers it in the background; read its result when it is there.

Watch a job at `/api/v1/analysis/{job_id}/events` or by WebSocket at `/ws/analysis/{job_id}?token=`, with a ticket or an
access token. Both send the same messages, each the whole state: `connected`, `progress`, and last `completed` or
`error`; the WebSocket also sends `ping`, to be answered by `{"type": "pong"}`. It closes with 1000 when the job has
ended, 4401 (token wrong, expired or used up), 4403 (page of another origin), 4404 (no such job, or not yours), 4408 (no
pong), 4410 (no longer yours to see, or logged out) or 4413 (too slow: come back for the newest state).
"""

_JOBS = """What runs in the background for the caller: analyses and whatever else was requested. See how far a job is,
read its result, cancel it, or queue it again if it failed.
"""

_LIVE = """`/api/v1/jobs/{job_id}/events` is about one job (the same as `/api/v1/analysis/{job_id}/events`);
`/api/v1/events` is one stream of all jobs and sessions of the caller. Both take a ticket, which opens one connection,
or an access token.
"""


class _Page(OpenAPIRenderPlugin):
    """/docs/"""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return _PAGE

    def receive_router(self, router: Router) -> None:
        """Litestar makes this router, so what our own routes declare is declared for it here."""
        router.opt["policy"] = "public"
        router.response_headers = _HEADERS


class _Document(JsonRenderPlugin):
    """/docs/openapi.json"""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return self.render_json(request, complete(openapi_schema, request.app))


@get("/assets/{name:str}")
async def asset(name: FromPath[str]) -> File:
    """A file of Swagger UI, from a package that is installed for its files and never imported."""
    if name not in _FILES:
        raise NotFound
    path = Path(str(distribution("swagger-ui-py").locate_file("swagger_ui/static"))) / name
    return File(
        path,
        filename=name,
        media_type=_FILES[name],
        content_disposition_type="inline",
        headers={"Cache-Control": "public, max-age=86400"},
    )


@get("/start.js", media_type="text/javascript")
async def start() -> str:
    return _START


@get("/redoc")
async def redoc() -> Redirect:
    """Where other documentation pages have a second view; this one has one."""
    return Redirect("/docs/")


routes = Router(
    "/docs",
    route_handlers=[asset, start, redoc],
    opt={"policy": "public"},
    response_headers=_HEADERS,
    include_in_schema=False,
)

OPENAPI = OpenAPIConfig(
    title="KooDTX",
    version=__version__,
    description=_DESCRIPTION,
    license=License(name="MIT", identifier="MIT"),
    path="/docs",
    render_plugins=[_Page(path="/"), _Document(path="/openapi.json", media_type=MediaType.JSON)],
    components=Components(
        security_schemes={"bearerAuth": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
    ),
    security=[{"bearerAuth": []}],
    use_handler_docstrings=True,
    tags=[
        Tag(name="Accounts", description="Register, log in, refresh; devices; who I am."),
        Tag(name="Sync", description="Push readings, pull what changed, see what is stored."),
        Tag(name="Sessions", description="Recording sessions: list, read, annotate, delete."),
        Tag(name="Analysis", description=_ANALYSIS),
        Tag(name="Jobs", description=_JOBS),
        Tag(name="Live", description=_LIVE),
        Tag(name="Admin", description="For administrators: jobs of everybody, and the workers."),
        Tag(name="Service", description="Health and measurements."),
    ],
)
