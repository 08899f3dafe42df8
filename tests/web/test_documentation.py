"""/docs: complete, valid, and all from this server."""

import re
from typing import Any

import jsonschema_rs
import pytest
from litestar import Litestar, get, post
from litestar.testing import TestClient
from msgspec import Struct

from koodtx.app import create_app
from koodtx.web.openapi.config import OPENAPI
from koodtx.web.openapi.declare import json_body
from tests.support.aliases import Client
from tests.support.settings import make_settings

pytestmark = [pytest.mark.api, pytest.mark.unit]

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


def test_the_page_loads_nothing_from_other_sites(docs: Client) -> None:
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


def test_redoc_redirects_to_the_page(docs: Client) -> None:
    assert docs.get("/docs/redoc", follow_redirects=True).text == docs.get("/docs").text


def test_head_of_the_document(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "KooDTX"
    assert document["components"]["securitySchemes"]["bearerAuth"]["scheme"] == "bearer"
    tags = {tag["name"] for tag in document["tags"]}
    assert {tag for operation in operations(document).values() for tag in operation["tags"]} == tags


def test_every_reference_has_a_target(document: Any) -> None:
    names = set(re.findall(r"'#/components/schemas/([^']+)'", str(document)))
    assert names <= set(document["components"]["schemas"])
    assert {"AuthRegister", "AuthLogin", "AuthResponse", "ErrorResponse", "SyncPushRequest"} <= names


def test_every_operation_documents_its_security_and_errors(document: Any) -> None:
    for name, operation in operations(document).items():
        assert operation["summary"]
        if operation.get("security") != []:
            assert {"401", "503"} <= set(operation["responses"]), name
        if "requestBody" in operation:
            assert {"400", "413", "415", "422", "429"} <= set(operation["responses"]), name
        for status, reply in operation["responses"].items():
            if status[0] in "45" and name != "get /health":
                assert list(reply["content"]) == ["application/problem+json"], name


KNOWN_TO_CLIENTS = {
    "AuthRegister", "AuthLogin", "AuthResponse", "SyncPushRequest", "SyncPushResponse", "SyncPullRequest",
    "SyncPullResponse", "SensorDataItem", "RecordingSession", "ErrorResponse",
}  # fmt: skip


def test_components_have_the_names_that_clients_know(document: Any) -> None:
    assert set(document["components"]["schemas"]) >= KNOWN_TO_CLIENTS


def examples(document: Any) -> list[tuple[str, str, Any, Any]]:
    """Operation, name, schema and value of each example of a body."""
    messages = {
        f"{name} {where}": message
        for name, operation in operations(document).items()
        for where, message in {"request": operation.get("requestBody", {}), **operation["responses"]}.items()
    }
    return [
        (where, name, content["schema"], example["value"])
        for where, message in messages.items()
        for content in message.get("content", {}).values()
        for name, example in content.get("examples", {}).items()
    ]


def test_every_example_fits_its_schema(document: Any) -> None:
    for where, name, schema, value in examples(document):
        validator = jsonschema_rs.Draft202012Validator(schema | {"components": document["components"]})
        wrong = [error.message for error in validator.iter_errors(value)]
        assert wrong == [], f"{where} {name}"


def test_analysis_jobs_and_series_have_examples(document: Any) -> None:
    found = {where for where, _, _, _ in examples(document)}
    for name, operation in operations(document).items():
        if {"Analysis", "Admin"} & set(operation["tags"]) or name.endswith("/series"):
            (good,) = [status for status in operation["responses"] if status in ("200", "201", "202")] or [None]
            assert good is None or f"{name} {good}" in found, name
            assert "requestBody" not in operation or f"{name} request" in found, name


def test_results_are_documented_by_kind(document: Any) -> None:
    content = document["paths"]["/api/v1/analysis/{job_id}/result"]["get"]["responses"]["200"]["content"]
    schemas = document["components"]["schemas"]
    by_kind = {}
    for reference in content["application/json"]["schema"]["oneOf"]:
        answer = schemas[reference["$ref"].rpartition("/")[2]]["properties"]
        by_kind[answer["kind"]["enum"][0]] = answer["result"]["anyOf"][0]["$ref"].rpartition("/")[2]
    assert by_kind == {
        "analyze_sensor_data": "SessionAnalysis",
        "detect_anomalies": "AnomalyReport",
        "calculate_session_metrics": "SessionMetrics",
        "generate_statistics": "UserStatistics",
        "mobility": "UserMobility",
        "activity": "UserActivity",
        "rhythm": "UserRhythm",
    }
    assert all(schemas[name]["description"] for name in by_kind.values())


def test_errors_of_jobs_are_documented(document: Any) -> None:
    found = {name: set(operation["responses"]) for name, operation in operations(document).items()}
    assert {"202", "404", "422"} <= found["post /api/v1/analysis"]
    assert {"200", "204", "401", "404", "422", "503"} <= found["get /api/v1/analysis/{job_id}/events"]
    assert {"200", "403", "404"} <= found["post /api/v1/admin/jobs/{job_id}/retry"]
    assert {"204", "404"} <= found["delete /api/v1/analysis/{job_id}"]


def test_structs_are_described(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["AuthRegister"]["description"]
    assert schemas["AuthRegister"]["properties"]["username"]["examples"] == ["mina"]
    assert schemas["AuthRegister"]["required"] == ["username", "email", "password"]


def test_json_body_documents_a_body_that_a_handler_decodes() -> None:
    @post("/toys", operation_class=json_body(Toy), opt={"policy": "user"}, sync_to_thread=False)
    def make() -> None: ...

    @get("/toys", opt={"policy": "public"}, sync_to_thread=False)
    def see() -> list[Inner]:
        return []

    # One configuration serves any number of apps.
    for _ in range(2):
        app = Litestar([make, see], openapi_config=OPENAPI)
        document = TestClient(app).get("/docs/openapi.json").json()
    body = document["paths"]["/toys"]["post"]["requestBody"]
    assert body["required"] is True
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Toy"}
    assert document["components"]["schemas"]["Toy"]["description"] == "A whole."
    assert document["components"]["schemas"]["Inner"]["properties"]["value"] == {"type": "integer", "format": "int64"}
    assert document["paths"]["/toys"]["get"]["security"] == []
