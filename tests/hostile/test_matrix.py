"""Who may call which route: every route times every kind of caller. What of an object they may see: test_rights.py."""

import base64
import hmac
import itertools
import json
import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeGuard
from urllib.parse import quote

import jwt
import psycopg
import pytest
from litestar import Litestar
from litestar.exceptions import WebSocketDisconnect
from litestar.routes import BaseRoute, HTTPRoute, WebSocketRoute

from koodtx.settings import Settings
from tests.hostile.surface import NO_JOB, NO_SCHEDULE, Operation, operations
from tests.support.aliases import Client
from tests.support.job_driver import JobDriver

pytestmark = [pytest.mark.api, pytest.mark.auth]

Headers = dict[str, Any]


# Public, as browsers send no header there: it looks at its token itself.
EVENTS = "/api/v1/analysis/{job_id}/events"
EVENT_STREAMS = (
    EVENTS, "/api/v1/jobs/{job_id}/events", "/api/tokens/analysis-progress/{job_id}", "/api/v1/events",
)  # fmt: skip
# Public, as its signature is verified: tests/takes/test_webhook.py.
ANALYSIS_WEBHOOK = "/api/tokens/webhook/analysis-complete"
# Public, as the link is the right: tests/storage/test_links.py.
OBJECTS = "/api/v1/objects/{token}"


class Endpoint(NamedTuple):
    """A method of a path, and its policy."""

    method: str
    path: str
    policy: str


def endpoints(app: Litestar) -> list[Endpoint]:
    return [
        Endpoint(method, route.path_format, handler.opt["policy"])
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if method not in ("OPTIONS", "HEAD")
    ]


def is_socket(route: BaseRoute) -> TypeGuard[WebSocketRoute]:
    return isinstance(route, WebSocketRoute)


def bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def owner(user: dict[str, Any], completed_session: Any) -> dict[str, Any]:
    """The user, who has one session."""
    return user


@pytest.fixture
def stranger(create_user: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return create_user("stranger", device_id="strange phone")


@pytest.fixture
def admin(create_user: Callable[..., dict[str, Any]], db: psycopg.Connection[Any]) -> dict[str, Any]:
    account = create_user("boss")
    db.execute("update app.users set role = 'admin' where username = 'boss'")
    return account


def forged(token: str, secret: str, *, key: str | None = None, header: Any = None, **changes: Any) -> Headers:
    """The token with other claims, signed with the service's own key unless another is given."""
    claims = jwt.decode(token, secret, algorithms=["HS256"], audience="koodtx-api")
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    # By hand: a library refuses to sign with the keys of attackers.
    signed = f"{encoded({'alg': 'HS256', 'typ': 'JWT'} | (header or {}))}.{encoded(claims)}"
    signature = hmac.digest((secret if key is None else key).encode(), signed.encode(), "sha256")
    return bearer(f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}")


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@pytest.fixture
def refused(
    owner: dict[str, Any],
    settings: Settings,
    client: Client,
    create_user: Callable[..., dict[str, Any]],
    db: psycopg.Connection[Any],
) -> dict[str, Headers]:
    """Callers who are nobody, by name."""
    token, secret = owner["access_token"], settings.secret_key
    login = {"username": owner["username"], "password": owner["password"], "device_id": "lost phone"}
    lost = client.post("/api/auth/login", json=login).json()["access_token"]
    assert client.delete("/api/auth/devices/lost%20phone", headers=owner["headers"]).status_code == 204
    left = client.post("/api/auth/login", json=login | {"device_id": "left phone"}).json()
    client.post("/api/auth/logout", json={"refresh_token": left["refresh_token"]})
    disabled = create_user("disabled")
    db.execute("update app.users set is_active = false where username = 'disabled'")
    header, payload, signature = token.split(".")
    now = int(time.time())
    return {
        "anonymous": {},
        "empty": {"Authorization": ""},
        "no token": bearer(""),
        "another scheme": {"Authorization": f"Basic {token}"},
        "no scheme": {"Authorization": token},
        "nonsense": bearer("nonsense"),
        "three dots": bearer("..."),
        "a megabyte": bearer("a" * 1_000_000),
        "not ASCII": {"Authorization": b"Bearer \xff\xfe"},
        "expired": forged(token, secret, exp=now - 1),
        "issued in the future": forged(token, secret, iat=now + 3600, exp=now + 7200),
        "not yet valid": forged(token, secret, nbf=now + 3600),
        "never expires": forged(token, secret, exp=None),
        "wrong audience": forged(token, secret, aud="another"),
        "several audiences": forged(token, secret, aud=["koodtx-api", "another"]),
        "no audience": forged(token, secret, aud=None),
        "wrong issuer": forged(token, secret, iss="another"),
        "wrong type": forged(token, secret, typ="refresh"),
        "no type": forged(token, secret, typ=None),
        "another user's number": forged(token, secret, sub="999999"),
        "user number with a sign": forged(token, secret, sub="-1"),
        "user number as SQL": forged(token, secret, sub="1 or 1=1"),
        "no user": forged(token, secret, sub=None),
        "no family": forged(token, secret, fam=None),
        "unknown family": forged(token, secret, fam="00000000-0000-0000-0000-000000000000"),
        "another device's number": forged(token, secret, dev=999999),
        "another key": forged(token, secret, key="another secret of 32 characters, or more"),
        "empty key": forged(token, secret, key=""),
        "key by path": forged(token, secret, key="", header={"kid": "../../../../dev/null"}),
        "public key as secret": forged(token, secret, key="-----BEGIN PUBLIC KEY-----", header={"alg": "RS256"}),
        "key by URL": forged(token, secret, key="x" * 32, header={"jku": "http://127.0.0.1/keys"}),
        "algorithm none": bearer(f"{encoded({'alg': 'none'})}.{payload}."),
        "signature cut off": bearer(f"{header}.{payload}."),
        "signature changed": bearer(f"{header}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"),
        "payload changed": bearer(f"{header}.{payload[:-2]}AA.{signature}"),
        "refresh token": bearer(owner["refresh_token"]),
        "revoked device": bearer(lost),
        "logged out": bearer(left["access_token"]),
        "disabled user": disabled["headers"],
    }


def call(client: Client, endpoint: Endpoint, described: dict[str, Operation], headers: Headers) -> Any:
    """Calls it with a body that is right and path parameters that name nothing of anybody."""
    operation = described.get(f"{endpoint.method} {endpoint.path}")
    path = re.sub("{(job|team|share|invitation|record|identity|webhook)_id}", NO_JOB, endpoint.path)
    path = re.sub("{(schedule|script|token|actor)_id}", NO_SCHEDULE, path)
    path = path.replace("{user_id}", "999999").replace("{", "missing-").replace("}", "")
    body = operation.body if operation else None
    return client.request(endpoint.method, path, headers=headers, json=body, follow_redirects=False)


@pytest.fixture
def described(client: Client) -> dict[str, Operation]:
    return {str(operation): operation for operation in operations(client)}


def test_each_route_is_in_the_matrix(app: Litestar) -> None:
    found = endpoints(app)
    assert {endpoint.policy for endpoint in found} <= {"public", "user", "admin"}
    paths = {f"{endpoint.method} {endpoint.path}": endpoint.policy for endpoint in found}
    assert paths["POST /api/sync/push"] == "user"
    assert paths["DELETE /api/sessions/{session_id}"] == "user"
    assert paths["GET /health"] == "public"
    for name in (
        "POST /api/v1/analysis", "DELETE /api/v1/analysis/{job_id}", "POST /api/v1/tickets", "GET /api/v1/jobs",
        "DELETE /api/v1/jobs/{job_id}", "POST /api/v1/jobs/{job_id}/retry",
    ):  # fmt: skip
        assert paths[name] == "user"
    assert {policy for name, policy in paths.items() if "/admin/" in name or "/batch/" in name} == {"admin"}
    assert len([name for name in paths if "/batch/" in name]) == 9


def test_public_routes_are_these(app: Litestar) -> None:
    """So that nobody opens a route without seeing it here."""
    found = {endpoint.path for endpoint in endpoints(app) if endpoint.policy == "public"}
    assert {path for path in found if not path.startswith("/docs")} == {
        "/", "/health", "/metrics",
        "/api/auth/register", "/api/auth/login", "/api/auth/refresh", "/api/auth/logout",
        "/api/auth/google", "/api/auth/openid", OBJECTS, ANALYSIS_WEBHOOK, *EVENT_STREAMS,
    }  # fmt: skip
    sockets = {(route.path_format, route.route_handler.opt["policy"]) for route in app.routes if is_socket(route)}
    assert sockets == {("/ws/analysis/{job_id}", "public")}


def test_nobody_gets_401_from_every_route_that_is_not_public(
    app: Litestar, client: Client, described: dict[str, Operation], refused: dict[str, Headers]
) -> None:
    wrong = {
        (name, str(endpoint)): reply.status_code
        for endpoint in endpoints(app)
        if endpoint.policy != "public"
        for name, headers in refused.items()
        if (reply := call(client, endpoint, described, headers)).status_code != 401
    }
    assert wrong == {}


def test_nobody_watches_a_job(
    client: Client, refused: dict[str, Headers], driver: JobDriver, owner: dict[str, Any]
) -> None:
    """By header, by query, by WebSocket; whether there is such a job or not."""
    for job_id, stream in itertools.product((driver.job_id, NO_JOB), EVENT_STREAMS):
        for name, headers in refused.items():
            url = stream.format(job_id=job_id)
            assert client.get(url, headers=headers).status_code == 401, name
            token = headers.get("Authorization", "")
            text = token.decode("latin-1") if isinstance(token, bytes) else token
            if 0 < len(text) <= 4096:
                text = quote(text.removeprefix("Bearer ") or " ", safe="")
                if name in ("another scheme", "no scheme"):
                    continue  # without its scheme it is the owner's own
                assert client.get(f"{url}?token={text}").status_code == 401, name
                with client.websocket_connect(f"/ws/analysis/{job_id}?token={text}") as socket:
                    with pytest.raises(WebSocketDisconnect) as closed:
                        socket.receive_json(timeout=20)
                    assert closed.value.code == 4401, name


def test_nobody_is_told_apart(client: Client, refused: dict[str, Headers]) -> None:
    """Whatever is wrong with a token, the answer is one of two: none was sent, or it is not valid."""
    types = {
        name: client.get("/api/sync/status", headers=headers).json()["type"].rpartition(":")[2]
        for name, headers in refused.items()
    }
    unsent = {"anonymous", "empty", "no token", "another scheme", "no scheme"}
    assert {name for name, found in types.items() if found == "not-authenticated"} == unsent
    assert {found for name, found in types.items() if name not in unsent} == {"token-invalid"}


def test_public_routes_need_no_token_and_mind_no_bad_one(
    app: Litestar, client: Client, described: dict[str, Operation]
) -> None:
    for endpoint in endpoints(app):
        if endpoint.policy == "public" and endpoint.path not in (
            "/api/auth/login", "/api/auth/refresh", ANALYSIS_WEBHOOK, *EVENT_STREAMS,
        ):  # fmt: skip
            for headers in ({}, bearer("nonsense")):
                assert call(client, endpoint, described, headers).status_code not in (401, 403), endpoint


@pytest.mark.parametrize("who", ["owner", "stranger", "admin"])
def test_users_reach_every_route_of_their_policy(
    app: Litestar, client: Client, described: dict[str, Operation], request: pytest.FixtureRequest, who: str
) -> None:
    headers = request.getfixturevalue(who)["headers"]
    for endpoint in endpoints(app):
        if endpoint.path == "/api/v1/events":
            continue  # for who may read it, it does not end: tests/live/test_all_events.py
        status = call(client, endpoint, described, headers).status_code
        if endpoint.policy == "user" or (endpoint.policy == "admin" and who == "admin"):
            assert status not in (401, 403), endpoint
        elif endpoint.policy == "admin":
            assert status == 403, endpoint
