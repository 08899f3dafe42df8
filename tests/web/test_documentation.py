"""/docs: complete, valid, and all from this server."""

import re
from typing import Any

import pytest
from litestar import Litestar, get, post
from litestar.testing import TestClient
from msgspec import Struct

from koodtx.app import create_app
from koodtx.web import documentation
from koodtx.web.documentation import json_body
from tests.conftest import make_settings

pytestmark = [pytest.mark.api, pytest.mark.unit]

Client = TestClient[Litestar]
METHODS = {"get", "post", "put", "patch", "delete"}


class Inner(Struct):
    """A part."""

    value: int


class Toy(Struct):
    """A whole."""

    parts: list[Inner]


@pytest.fixture(scope="module")
def docs() -> Client:
    """No lifespan, so no database either."""
    return TestClient(create_app(make_settings("postgresql://nowhere")), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def document(docs: Client) -> Any:
    return docs.get("/docs/openapi.json").json()


def operations(document: Any) -> dict[str, Any]:
    return {
        f"{method} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_the_page_needs_nothing_from_elsewhere(docs: Client) -> None:
    page = docs.get("/docs/")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 4
    for link in links:
        reply = docs.get(link)
        assert reply.status_code == 200, link
        assert "content-security-policy" in reply.headers
    assert "<script>" not in page.text
    assert "://" not in page.text
    assert "validatorUrl: null" in docs.get("/docs/start.js").text


def test_only_the_files_of_the_page_are_served(docs: Client) -> None:
    for name in ("swagger-editor.js", "..%2Fcore.py", "../core.py", "LICENSE"):
        assert docs.get(f"/docs/assets/{name}").status_code == 404


def test_redoc_leads_to_the_page(docs: Client) -> None:
    assert docs.get("/docs/redoc", follow_redirects=True).text == docs.get("/docs").text


def test_head_of_the_document(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "KooDTX"
    assert document["components"]["securitySchemes"]["bearerAuth"]["scheme"] == "bearer"
    tags = {tag["name"] for tag in document["tags"]}
    assert {tag for operation in operations(document).values() for tag in operation["tags"]} == tags


def test_every_reference_leads_somewhere(document: Any) -> None:
    names = set(re.findall(r"'#/components/schemas/([^']+)'", str(document)))
    assert names <= set(document["components"]["schemas"])
    assert {"AuthRegister", "AuthLogin", "AuthResponse", "ErrorResponse", "SyncPushRequest"} <= names


def test_every_operation_says_who_may_call_and_how_it_fails(document: Any) -> None:
    for name, operation in operations(document).items():
        assert operation["summary"]
        if operation.get("security") != []:
            assert {"401", "503"} <= set(operation["responses"]), name
        if "requestBody" in operation:
            assert {"400", "413", "415", "422", "429"} <= set(operation["responses"]), name
        for status, reply in operation["responses"].items():
            if status[0] in "45" and name != "get /health":
                assert list(reply["content"]) == ["application/problem+json"], name


def test_structs_are_described(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["AuthRegister"]["description"]
    assert schemas["AuthRegister"]["properties"]["username"]["examples"] == ["mina"]
    assert schemas["AuthRegister"]["required"] == ["username", "email", "password"]


def test_json_body_documents_what_a_handler_decodes_itself() -> None:
    @post("/toys", operation_class=json_body(Toy), opt={"policy": "user"}, sync_to_thread=False)
    def make() -> None: ...

    @get("/toys", opt={"policy": "public"}, sync_to_thread=False)
    def see() -> list[Inner]:
        return []

    # One configuration serves any number of apps.
    for _ in range(2):
        app = Litestar([make, see], openapi_config=documentation.OPENAPI)
        document = TestClient(app).get("/docs/openapi.json").json()
    body = document["paths"]["/toys"]["post"]["requestBody"]
    assert body["required"] is True
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Toy"}
    assert document["components"]["schemas"]["Toy"]["description"] == "A whole."
    assert document["components"]["schemas"]["Inner"]["properties"]["value"] == {"type": "integer"}
    assert document["paths"]["/toys"]["get"]["security"] == []
