"""Every entry of the corpus in every field of every route: never a 5xx, and nothing is poisoned by it."""

import re
from itertools import islice
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.hostile.corpus import TEXTS, TIMES, raw_values
from tests.hostile.surface import ENDLESS, Operation, operations, places, with_value
from tests.support.aliases import Client
from tests.support.speech import make_script

pytestmark = [pytest.mark.api]

# Of the path and query: how clients may write them. None of these is a login of the tests' own user.
_TEXTS = TEXTS | TIMES | {"minus one": "-1", "10^30": "1" + "0" * 30, "2^63": str(2**63), "1e309": "1e309"}
# Types stand in backquotes; the other names stand nowhere.
_PYTHON = re.compile(
    r"`[^`]*\b(str|int|float|bool|dict|list|tuple|bytes|None|datetime|decimal)\b[^`]*`"
    r"|\b(str|int|dict|NoneType|UnsetType|KeyError|TypeError|ValueError|msgspec|Traceback)\b"
)
_SHORT = {name: text for name, text in _TEXTS.items() if len(text) <= 10_001}


@pytest.fixture
def all_operations(client: Client) -> list[Operation]:
    return operations(client)


@pytest.fixture
def used(
    client: Client, user: dict[str, Any], db: psycopg.Connection[Any], request: pytest.FixtureRequest
) -> dict[str, str]:
    """The Authorization of a user who has something stored, and may call all there is."""
    db.execute("update app.users set role = 'admin'")
    request.getfixturevalue("completed_session")
    request.getfixturevalue("create_session")(session_id="walk")
    headers: dict[str, str] = user["headers"]
    # Script, lines and actor have the number that stands for any in paths.
    make_script(client, headers, "하나", "둘")
    client.post("/api/admin/actors", json={"name": "이정재"}, headers=headers).raise_for_status()
    return headers


@pytest.fixture
def samples(client: Client, used: dict[str, str]) -> dict[str, str]:
    """Values of path parameters that name something of this user; the job has ended, as its events else never would."""
    question = {"kind": "calculate_session_metrics", "session_id": "walk"}
    job_id = client.post("/api/v1/analysis", json=question, headers=used).json()["job_id"]
    assert client.delete(f"/api/v1/analysis/{job_id}", headers=used).status_code == 204
    return {"session_id": "session-1", "job_id": job_id}


def assert_decent(reply: Any, what: str) -> None:
    assert reply.status_code < 500, f"{what}: {reply.text[:500]}"
    if reply.status_code >= 400:
        assert reply.headers["content-type"] == "application/problem+json", what
        problem = reply.json()
        assert problem["status"] == reply.status_code, what
        assert_no_python(problem, what)
    elif reply.headers.get("content-type", "").startswith("application/json"):
        for rejected in reply.json().get("rejected", []):
            assert_no_python({"detail": rejected["message"]}, what)


def assert_no_python(problem: dict[str, Any], what: str) -> None:
    """Types have JSON's names, whatever was sent."""
    texts = [problem["detail"], *(error["message"] for error in problem.get("errors", []))]
    for text in texts:
        assert not _PYTHON.search(text), f"{what}: {text}"


def assert_all_can_be_read(client: Client, headers: dict[str, str]) -> None:
    """Whatever was accepted, every reply can still be made and parsed."""
    for path in (
        "/api/sync/status", "/api/sessions/?limit=100", "/api/auth/me", "/api/auth/devices",
        "/api/v1/analysis/history?limit=100", "/api/v1/analysis/stats", "/api/v1/admin/jobs?limit=1000",
        "/api/scripts?limit=100", "/api/actors?limit=100", "/api/mypage/bookmarks?limit=100", "/api/mypage/overview",
        "/api/v1/admin/workers", "/api/v1/jobs?limit=100", "/api/batch/schedule", "/api/batch/status?limit=1000",
    ):  # fmt: skip
        assert client.get(path, headers=headers).status_code == 200, path
    cursor, has_more = None, True
    while has_more:
        page = client.post("/api/sync/pull", json={"cursor": cursor}, headers=headers)
        assert page.status_code == 200
        cursor, has_more = page.json()["cursor"], page.json()["has_more"]


@pytest.mark.parametrize("sample", ["a text", "2025-01-01", 1, {}])
def test_corpus_has_every_sort_of_value_once(sample: Any) -> None:
    values = raw_values(sample)
    assert len(set(values.values())) == len(values)
    sorts = {name.split()[0] for name in values}
    assert sorts >= {"structure", "bytes"} | ({"text"} if sample == "a text" else set())
    for name, raw in values.items():
        if name.startswith("bytes"):
            with pytest.raises(UnicodeDecodeError):
                raw.decode()


def test_surface_is_found(all_operations: list[Operation]) -> None:
    """The document names the routes that matter, each with a body."""
    bodies = {str(operation): operation.body for operation in all_operations}
    assert set(bodies["POST /api/sync/push"]) == {
        "session", "push_id", "replaces", "sent_at", "sensor_data", "text_numbers",
    }  # fmt: skip
    assert "last_sync_time" in bodies["POST /api/sync/pull"]
    assert bodies["GET /api/sync/status"] is None
    assert {"kind", "session_id", "sensitivity", "start_date", "run_at"} <= set(bodies["POST /api/v1/analysis"])
    job = "/api/v1/analysis/{job_id}"
    assert {f"GET {job}", f"GET {job}/result", f"GET {job}/events", f"DELETE {job}", "POST /api/v1/tickets"} <= set(
        bodies
    )
    assert "sensor" in next(one for one in all_operations if one.path.endswith("/series")).needed


BODY_ROUTES = [
    "/api/sync/push", "/api/sync/pull", "/api/sessions/{session_id}", "/api/sessions/{session_id}/labels",
    "/api/auth/register", "/api/auth/login", "/api/auth/refresh", "/api/auth/logout", "/api/auth/password",
    "/api/auth/me", "/api/v1/analysis", "/api/v1/admin/jobs/retry", "/api/v1/admin/jobs/cancel", "/api/v1/exports",
    "/api/v1/teams", "/api/v1/teams/{team_id}", "/api/v1/teams/{team_id}/members",
    "/api/v1/teams/{team_id}/members/{user_id}", "/api/v1/analysis/{job_id}/share", "/api/sessions/{session_id}/share",
    "/api/batch/schedule", "/api/batch/schedule/{schedule_id}", "/api/batch/run", "/api/records", "/api/records/sync",
    "/api/records/{record_id}",
    "/api/admin/scripts", "/api/admin/scripts/{script_id}", "/api/admin/scripts/{script_id}/tokens",
    "/api/admin/actors", "/api/admin/actors/{actor_id}", "/api/mypage/bookmarks",
    "/api/auth/google", "/api/auth/openid", "/api/auth/identities",
    "/api/webhooks", "/api/webhooks/{webhook_id}",
    "/api/tokens/webhook/analysis-complete",
]  # fmt: skip


def test_each_route_with_a_body_is_tried_below(all_operations: list[Operation]) -> None:
    assert {operation.path for operation in all_operations if operation.body is not None} == set(BODY_ROUTES)


# How many values apart those are that are tried; the place of the first differs by member.
STRIDES = [pytest.param(8, id="every eighth value"), pytest.param(1, id="all values", marks=pytest.mark.long)]


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("path", BODY_ROUTES)
def test_any_value_in_any_member_is_answered_decently(
    client: Client, used: dict[str, str], all_operations: list[Operation], path: str, stride: int
) -> None:
    headers = used | {"Content-Type": "application/json"}
    for operation in all_operations:
        if operation.path != path or operation.body is None:
            continue
        url = operation.url(session_id="session-1")
        for number, (place, there) in enumerate(places(operation.body)):
            for name, raw in islice(raw_values(there).items(), number % stride, None, stride):
                content = with_value(operation.body, place, raw)
                reply = client.request(operation.method, url, content=content, headers=headers)
                assert_decent(reply, f"{operation} {place} {name}")
    assert_all_can_be_read(client, used)


BLOCK_TIMES: list[Any] = [
    [1_760_000_000_000, 1_760_000_000_001],
    {"start": 1_760_000_000_000, "steps_us": [1000]},
    {"start": 1_760_000_000_000, "step": 1.5, "count": 2},
]


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("timestamps", BLOCK_TIMES, ids=["times", "steps", "step"])
def test_any_value_in_any_member_of_a_block_is_answered_decently(
    client: Client, used: dict[str, str], timestamps: Any, stride: int
) -> None:
    headers = used | {"Content-Type": "application/json"}
    block = {"sensor_type": "a", "timestamps": timestamps, "data": {"x": [1.5, 2], "label": ["a", None]}}
    body = {"session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}, "sensor_data": [block]}
    for number, (place, there) in enumerate(places(body)):
        if place[:1] == ("sensor_data",):
            for name, raw in islice(raw_values(there).items(), number % stride, None, stride):
                reply = client.post("/api/sync/push", content=with_value(body, place, raw), headers=headers)
                assert_decent(reply, f"{place} {name}")
    assert_all_can_be_read(client, used)


@pytest.mark.parametrize("stride", STRIDES)
def test_any_text_in_any_path_is_answered_decently(
    client: Client, used: dict[str, str], all_operations: list[Operation], stride: int
) -> None:
    for number, operation in enumerate(all_operations):
        for where, parameter, _ in operation.parameters:
            if where == "path":
                for name, text in islice(_SHORT.items(), number % stride, None, stride):
                    url = operation.url(**{parameter: quote(text, safe="")})
                    reply = client.request(operation.method, url, headers=used, json=operation.body)
                    assert_decent(reply, f"{operation} {parameter} {name}")
    assert_all_can_be_read(client, used)


@pytest.mark.parametrize(
    ("kind", "field"),
    [*(("generate_statistics", field) for field in ("start_date", "end_date", "run_at", "session_id", "kind")),
     ("mobility", "start_date"), ("mobility", "accuracy_max_m"), ("activity", "sensor"), ("rhythm", "sensor"),
     ("rhythm", "axis")],
)  # fmt: skip
def test_any_value_in_a_question_about_a_user_is_answered_decently(
    client: Client, used: dict[str, str], kind: str, field: str
) -> None:
    """Other members count here than in questions about a session."""
    headers = used | {"Content-Type": "application/json"}
    body = {"kind": kind, field: "2025-10-09"}
    for name, raw in (raw_values("a text") | raw_values("2025")).items():
        reply = client.post("/api/v1/analysis", content=with_value(body, (field,), raw), headers=headers)
        assert_decent(reply, f"{field} {name}")
    assert_all_can_be_read(client, used)


@pytest.mark.parametrize("header", ["Last-Event-ID", "Authorization", "Accept", "Origin"])
def test_any_text_in_a_header_of_events_is_answered_decently(
    client: Client, used: dict[str, str], samples: dict[str, str], header: str
) -> None:
    for name, text in _SHORT.items():
        reply = client.get(f"/api/v1/analysis/{samples['job_id']}/events", headers={**used, header: text.encode()})
        assert_decent(reply, f"{header} {name}")


def test_path_that_is_no_text_is_answered_decently(client: Client, used: dict[str, str]) -> None:
    for raw in ("%ff", "%c0%80", "%ed%a0%80", "%", "%zz", "a%00b", "%2e%2e", ".", "..", "//", "a;b=c"):
        for path in (f"/api/sessions/{raw}", f"/api/sessions/{raw}/series?sensor=a", f"/api/v1/analysis/{raw}"):
            for method in ("GET", "DELETE"):
                assert_decent(client.request(method, path, headers=used), f"{method} {path}")


@pytest.mark.parametrize("stride", STRIDES)
def test_any_text_in_any_query_is_answered_decently(
    client: Client, used: dict[str, str], samples: dict[str, str], all_operations: list[Operation], stride: int
) -> None:
    for operation in all_operations:
        for number, (where, parameter, _) in enumerate(operation.parameters):
            if where == "query":
                for name, text in islice(_SHORT.items(), number % stride, None, stride):
                    url = operation.url(**samples | {parameter: quote(text, safe="")})
                    headers = {} if operation.path == ENDLESS else used
                    reply = client.request(operation.method, url, headers=headers, json=operation.body)
                    assert_decent(reply, f"{operation} {parameter} {name}")


def test_query_that_is_odd_is_answered_decently(client: Client, used: dict[str, str]) -> None:
    for query in ("limit=1&limit=2", "limit", "limit=", "=", "&&&", "%00=1", "limit=%ff", "a=1" * 5000):
        for path in ("/api/sessions/", "/api/v1/analysis/history", "/api/v1/admin/jobs"):
            assert_decent(client.get(f"{path}?{query}", headers=used), f"{path} {query}")


HEADERS = ["Authorization", "Content-Type", "Content-Encoding", "Idempotency-Key", "X-Request-ID", "X-Forwarded-For",
           "Origin", "Accept", "Content-Length", "Host", "Cookie", "If-None-Match", "Range"]  # fmt: skip


@pytest.mark.parametrize("stride", STRIDES)
def test_any_text_in_any_header_is_answered_decently(client: Client, used: dict[str, str], stride: int) -> None:
    body = b'{"session":{"session_id":"walk","start_time":"2025-10-09T08:53:20Z"}}'
    for number, header in enumerate(HEADERS):
        for name, text in islice(_SHORT.items(), number % stride, None, stride):
            headers = {**used, "Content-Type": "application/json", header: text.encode()}
            assert_decent(client.post("/api/sync/push", content=body, headers=headers), f"{header} {name}")
    assert_all_can_be_read(client, used)


def test_body_just_below_the_limit_is_answered_decently(
    client: Client, used: dict[str, str], all_operations: list[Operation]
) -> None:
    headers = used | {"Content-Type": "application/json"}
    for operation in all_operations:
        if operation.body is not None:
            content = with_value(operation.body, (next(iter(operation.body)),), b'"' + b"a" * 9_900_000 + b'"')
            url = operation.url(session_id="session-1")
            assert_decent(client.request(operation.method, url, content=content, headers=headers), str(operation))
