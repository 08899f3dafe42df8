"""/docs: Swagger UI and the OpenAPI document, all served from here."""

from functools import lru_cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, Request, Router, get
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.params import FromPath
from litestar.response import File, Redirect

from koodtx.errors import NotFound
from koodtx.web.openapi.document import complete
from koodtx.web.pages.headers import PAGE_HEADERS

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
# No validator: it would send the address of this server to another site.
_START = """SwaggerUIBundle({
    url: "/docs/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    validatorUrl: null,
});
"""


class SwaggerPage(OpenAPIRenderPlugin):
    """/docs/"""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return _PAGE

    def receive_router(self, router: Router) -> None:
        """Declares for Litestar's own router what the other routes declare for themselves."""
        router.opt |= {"policy": "public", "right": "page:read"}
        router.response_headers = PAGE_HEADERS


class OpenApiDocument(JsonRenderPlugin):
    """/docs/openapi.json"""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return _rendered(request.app)


@lru_cache(maxsize=1)
def _rendered(app: Litestar) -> bytes:
    """Returns the document as it is sent. Anybody may ask for it, and making it takes a tenth of a second."""
    return msgspec.json.encode(complete(app.openapi_schema.to_schema(), app))


@get("/assets/{name:str}", opt={"right": "page:read"})
async def asset(name: FromPath[str]) -> File:
    """Serves a file of Swagger UI from a package that is installed for its files and never imported."""
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
    """Other services have a second view here; this one redirects to its only one."""
    return Redirect("/docs/")


routes = Router(
    "/docs",
    route_handlers=[asset, start, redoc],
    opt={"policy": "public"},
    response_headers=PAGE_HEADERS,
    include_in_schema=False,
)
