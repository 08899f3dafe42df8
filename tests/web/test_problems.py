"""Errors as RFC 9457 problem details."""

import re
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from koodtx.errors import all_errors
from koodtx.json import in_json_words
from tests.support.aliases import Client

pytestmark = [pytest.mark.api]

_ROOT = Path(__file__).parent.parent.parent


def assert_problem(reply: Any, status: int, problem: str) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = reply.json()
    assert body["type"] == f"urn:koodtx:problem:{problem}"
    assert set(body) == {"type", "title", "status", "detail", "request_id", "errors"}
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == reply.headers["x-request-id"]
    return body


def test_unknown_path_is_404(client: Client) -> None:
    assert_problem(client.get("/nowhere"), 404, "not-found")


def test_unknown_path_under_api_is_404(client: Client, auth_headers: dict[str, str]) -> None:
    assert_problem(client.get("/api/nowhere", headers=auth_headers), 404, "not-found")


def test_wrong_method_is_405_naming_the_right_ones(client: Client) -> None:
    reply = client.get("/api/sync/push")
    assert_problem(reply, 405, "method-not-allowed")
    assert "POST" in reply.headers["Allow"]


def test_missing_token_is_401(client: Client) -> None:
    reply = client.get("/api/sync/status")
    assert_problem(reply, 401, "not-authenticated")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_wrong_field_is_422_naming_it(client: Client, auth_headers: dict[str, str]) -> None:
    body = assert_problem(client.post("/api/sync/pull", json={"page_size": 0}, headers=auth_headers), 422, "invalid")
    assert [error["field"] for error in body["errors"]] == ["page_size"]
    assert body["errors"][0]["message"]


def test_nested_wrong_field_is_422_naming_its_path(client: Client, auth_headers: dict[str, str]) -> None:
    session = {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z", "sample_rate": -1}
    body = assert_problem(
        client.post("/api/sync/push", json={"session": session}, headers=auth_headers), 422, "invalid"
    )
    assert [error["field"] for error in body["errors"]] == ["session.sample_rate"]


@pytest.mark.parametrize("path", ["/api/sync/pull", "/api/auth/login"])
def test_malformed_json_is_400(client: Client, auth_headers: dict[str, str], path: str) -> None:
    headers = auth_headers | {"Content-Type": "application/json"}
    assert_problem(client.post(path, content=b"{", headers=headers), 400, "malformed")


@pytest.mark.parametrize("path", ["/api/sync/pull", "/api/auth/login"])
def test_other_content_type_is_415(client: Client, auth_headers: dict[str, str], path: str) -> None:
    headers = auth_headers | {"Content-Type": "text/plain"}
    assert_problem(client.post(path, content=b"{}", headers=headers), 415, "unsupported-media")


@pytest.mark.parametrize("path", ["/api/sync/pull", "/api/auth/login"])
def test_body_above_the_limit_is_413(client: Client, auth_headers: dict[str, str], path: str) -> None:
    headers = auth_headers | {"Content-Type": "application/json"}
    assert_problem(client.post(path, content=b" " * 10_000_001, headers=headers), 413, "too-large")


@pytest.mark.parametrize("path", ["/api/sync/pull", "/api/auth/login"])
def test_missing_body_is_refused(client: Client, auth_headers: dict[str, str], path: str) -> None:
    headers = auth_headers | {"Content-Type": "application/json"}
    assert client.post(path, headers=headers).status_code in (400, 422)


def test_a_bug_is_500_without_details(app: Litestar, auth_headers: dict[str, str], client: Client) -> None:
    app.state.limiter = None
    body = {"session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}}
    reply = client.post("/api/sync/push", json=body, headers=auth_headers)
    problem = assert_problem(reply, 500, "internal-error")
    assert "NoneType" not in reply.text
    assert problem["errors"] == []


_SESSION = {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}
_NUMBERED = _SESSION | {"notes": 1}
_QUESTION = {"kind": "detect_anomalies", "session_id": "walk"}


@pytest.mark.parametrize(
    ("path", "body", "field", "message"),
    [
        ("/api/sync/pull", {"page_size": "many"}, "page_size", "Expected `integer`, got `string`"),
        ("/api/sync/pull", {"page_size": 1.5}, "page_size", "Expected `integer`, got `number`"),
        ("/api/sync/pull", {"own": []}, "own", "Expected `boolean`, got `array`"),
        ("/api/sync/pull", {"cursor": []}, "cursor", "Expected `string | null`, got `array`"),
        ("/api/sync/pull", {"session_ids": {}}, "session_ids", "Expected `array | null`, got `object`"),
        ("/api/sync/pull", [], "", "Expected `object`, got `array`"),
        ("/api/auth/login", {"username": "a", "password": None}, "password", "Expected `string`, got `null`"),
        ("/api/v1/analysis", {"kind": 1}, "kind", "Expected `string`, got `integer`"),
        ("/api/v1/analysis", _QUESTION | {"window_s": "wide"}, "window_s", "Expected `number`, got `string`"),
        ("/api/v1/analysis", _QUESTION | {"run_at": "soon"}, "run_at", "Invalid RFC 3339 date-time"),
        ("/api/sync/push", {"session": _NUMBERED}, "session.notes", "Expected `string | null`, got `integer`"),
        ("/api/sync/push", {"session": _SESSION, "sensor_data": {}}, "sensor_data", "Expected `array`, got `object`"),
    ],
)  # fmt: skip
def test_types_are_named_as_in_json(
    client: Client, auth_headers: dict[str, str], path: str, body: Any, field: str, message: str
) -> None:
    problem = assert_problem(client.post(path, json=body, headers=auth_headers), 422, "invalid")
    assert [(error["field"], error["message"]) for error in problem["errors"]] == [(field, message)]
    assert message in problem["detail"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"timestamp": "1760000000000"}, "Expected `number`, got `string` - at `$.timestamp`"),
        ({"sensor_type": 1}, "Expected `string`, got `integer` - at `$.sensor_type`"),
        ({"data": []}, "Expected `object`, got `array` - at `$.data`"),
        ({"timestamp": None, "timestamps": {"start": "1"}}, "Expected `number`, got `null` - at `$.timestamp`"),
    ],
)
def test_rejected_readings_name_types_as_in_json(
    client: Client, auth_headers: dict[str, str], fields: dict[str, Any], message: str
) -> None:
    reading = {"sensor_type": "gps", "timestamp": 1760000000000, "data": {"x": 1}} | fields
    reply = client.post("/api/sync/push", json={"session": _SESSION, "sensor_data": [reading]}, headers=auth_headers)
    assert [item["message"] for item in reply.json()["rejected"]] == [message]


@pytest.mark.parametrize(
    ("of_msgspec", "of_json"),
    [
        ("Expected `int | float`, got `str`", "Expected `number`, got `string`"),
        ("Expected `int | float | null`, got `str`", "Expected `number | null`, got `string`"),
        ("Expected `str` of length >= 1", "Expected `string` of length >= 1"),
        ("Expected `datetime` with a timezone component", "Expected `date-time` with a timezone component"),
        ("Expected `decimal`, got `bool`", "Expected `number`, got `boolean`"),
        ("Object missing required field `list`", "Object missing required field `list`"),
    ],
)
def test_messages_of_msgspec_in_the_words_of_json(of_msgspec: str, of_json: str) -> None:
    assert in_json_words(of_msgspec) == of_json


@pytest.mark.parametrize("sent", ["abc-1", "A.b_c-9", "x" * 64])
def test_valid_request_id_of_the_client_is_used(client: Client, sent: str) -> None:
    assert client.get("/", headers={"X-Request-ID": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "a\tb", '{"a"}', "<script>", "é", "a,b"])
def test_other_request_id_is_replaced(client: Client, sent: str) -> None:
    found = client.get("/", headers={"X-Request-ID": sent.encode()}).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", found)


def test_request_ids_differ(client: Client) -> None:
    assert len({client.get("/").headers["x-request-id"] for _ in range(5)}) == 5


@pytest.mark.unit
def test_each_problem_is_listed_in_the_docs_with_its_status() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", (_ROOT / "docs" / "errors.md").read_text(), re.M)
    listed = {(problem, int(status)) for problem, status in rows}
    assert {(error.problem, error.status) for error in all_errors()} <= listed


@pytest.mark.unit
def test_each_problem_has_one_class() -> None:
    errors = all_errors()
    assert len({error.problem for error in errors}) == len(errors) > 15
    assert all(error.__doc__ for error in errors)


def test_a_nul_character_is_rejected_in_words(client: Client, auth_headers: dict[str, str]) -> None:
    body = {"kind": "detect_anomalies", "session_id": "a\0b"}
    problem = assert_problem(client.post("/api/v1/analysis", json=body, headers=auth_headers), 422, "invalid")
    assert problem["errors"] == [{"field": "session_id", "message": "must not contain NUL characters"}]


def test_an_empty_body_names_what_is_missing(client: Client, auth_headers: dict[str, str]) -> None:
    needed = {
        "/api/auth/register": ["username", "email", "password"],
        "/api/auth/login": ["password"],
        "/api/auth/refresh": ["refresh_token"],
        "/api/auth/logout": ["refresh_token"],
        "/api/auth/password": ["current", "new"],
        "/api/sync/pull": ["body"],
    }
    for path, fields in needed.items():
        for headers in (auth_headers, auth_headers | {"Content-Type": "application/json"}):
            # An access token in the header is taken as the refresh token where there is no other.
            sent = headers if path not in ("/api/auth/refresh", "/api/auth/logout") else {}
            body = assert_problem(client.post(path, headers=sent), 422, "invalid")
            assert [error["field"] for error in body["errors"]] == fields, path


def test_an_empty_body_is_never_answered_in_words_of_python(
    app: Litestar, client: Client, auth_headers: dict[str, str]
) -> None:
    asked = set()
    for route in app.routes:
        for method in getattr(route, "methods", set()) & {"POST", "PATCH", "PUT"}:
            path = re.sub(r"\{[^}]*\}", "00000000-0000-4000-8000-000000000000", route.path)
            reply = client.request(method, path, headers=auth_headers | {"Content-Type": "application/json"})
            if reply.status_code in (400, 422):
                asked.add(route.path)
                assert "'data'" not in reply.text, path
                assert any(word in reply.json()["detail"] for word in ("empty", "missing", "JSON", "valid")), reply.text
    assert {"/api/auth/register", "/api/sync/push", "/api/sync/pull", "/api/v1/analysis"} <= asked
