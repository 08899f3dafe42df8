"""Who gets in: access tokens, what ends them, policies."""

import base64
import json
import time
import uuid
from collections.abc import Callable
from typing import Annotated, Any

import jwt
import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from litestar import Litestar, get
from litestar.exceptions import ImproperlyConfiguredException
from litestar.params import FromPath, QueryParameter
from litestar.testing import TestClient

from koodtx.accounts import active_logins
from koodtx.accounts.policies import check_policies
from koodtx.app import create_app
from koodtx.settings import Settings
from tests.support.aliases import Client, CreateUser, User
from tests.support.settings import PASSWORD, SECRET
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.auth, pytest.mark.api]


def get_me(client: Client, token: str) -> int:
    return client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code


def claims_of(user: User) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(
        user["access_token"], SECRET, algorithms=["HS256"], options={"verify_aud": False}
    )
    return claims


def signed(claims: dict[str, Any]) -> str:
    """With the right key. PyJWT's own encoder refuses some claims."""
    return jwt.api_jws.encode(json.dumps(claims).encode(), SECRET, algorithm="HS256")


@pytest.fixture
def no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request asks the database whether the login still counts."""
    monkeypatch.setattr(active_logins, "_TRUSTED_FOR_S", 0)


def test_claims(user: User) -> None:
    claims = claims_of(user)
    assert set(claims) == {"iss", "aud", "typ", "iat", "exp", "sub", "jti", "fam", "dev"}
    assert claims["exp"] - claims["iat"] == 900
    assert claims["typ"] == "access"
    assert claims["sub"] == str(user["user"]["id"])


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"exp": int(time.time()) - 1},
    {"exp": None},
    {"exp": "soon"},
    {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 7200},
    {"iss": "somebody"},
    {"aud": "another-api"},
    {"aud": ["koodtx-api"]},
    {"typ": "refresh"},
    {"typ": None},
    {"sub": "-1"},
    {"sub": "999999"},
    {"sub": 1},
    {"sub": "1" * 5000},
    {"sub": "9" * 19},
    {"sub": "0"},
    {"sub": ""},
    {"sub": "+1"},
    {"sub": " 1"},
    {"sub": "1\n"},
    {"sub": "1_0"},
    {"exp": float("inf")},
    {"exp": float("nan")},
    {"exp": "9" * 5000},
    {"exp": []},
    {"iat": float("inf")},
    {"iat": 10**400},
    {"nbf": float("inf")},
    {"nbf": "9" * 5000},
    {"dev": 10**400},
    {"dev": -1},
    {"aud": {}},
    {"iss": []},
    {"jti": 7},
    {"jti": None},
    {"fam": "no uuid"},
    {"fam": str(uuid.UUID(int=7))},
    {"fam": None},
    {"dev": 999_999},
    {"dev": "1"},
]


def test_each_claim_is_checked(client: Client, user: User) -> None:
    claims = claims_of(user)
    assert get_me(client, jwt.encode(claims, SECRET, algorithm="HS256")) == 200
    for change in WRONG_CLAIMS:
        changed = {name: value for name, value in (claims | change).items() if value is not None}
        assert get_me(client, signed(changed)) == 401, change


def test_digits_of_other_scripts_and_zeros_in_front_are_no_user(client: Client, user: User) -> None:
    claims = claims_of(user)
    arabic = claims["sub"].translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    full_width = claims["sub"].translate(str.maketrans("0123456789", "".join(map(chr, range(0xFF10, 0xFF1A)))))
    for sub in (arabic, full_width, "0" + claims["sub"], claims["sub"] + "\u0660"):
        assert get_me(client, jwt.encode(claims | {"sub": sub}, SECRET, algorithm="HS256")) == 401, ascii(sub)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=2) | st.dictionaries(st.text(max_size=3), parts, max_size=2),
    max_leaves=4,
)


@hypothesis_settings(max_examples=150)
@given(name=st.sampled_from(["iss", "aud", "typ", "iat", "exp", "nbf", "sub", "jti", "fam", "dev"]), value=_JSON)
def test_no_claim_causes_a_5xx(client: Client, user: User, name: str, value: Any) -> None:
    assert get_me(client, signed(claims_of(user) | {name: value})) in (200, 401)


def test_signature_and_algorithm_are_checked(client: Client, user: User) -> None:
    claims = claims_of(user)
    header, payload, _ = user["access_token"].split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    forged = [
        jwt.encode(claims, "another secret, of 32 characters or more", algorithm="HS256"),
        jwt.encode(claims, SECRET * 2, algorithm="HS512"),
        jwt.encode(claims, "", algorithm="none"),
        f"{none}.{payload}.",
        f"{header}.{payload}.",
        f"{header}.{payload}",
    ]
    assert [get_me(client, token) for token in forged] == [401] * len(forged)


def test_a_token_with_the_login_of_another_user_is_refused(client: Client, create_user: CreateUser) -> None:
    first, second = create_user(), create_user()
    mixed = claims_of(first) | {"fam": claims_of(second)["fam"]}
    assert get_me(client, jwt.encode(mixed, SECRET, algorithm="HS256")) == 401


def test_a_refresh_token_is_not_an_access_token(client: Client, user: User) -> None:
    assert get_me(client, user["refresh_token"]) == 401


def test_unusual_authorization_headers(client: Client) -> None:
    for header in (b"", b"Bearer", b"Bearer ", b"Basic dTpw", b"Bearer x", b"Bearer \xff", b"Bearer " + b"x" * 9000):
        reply = client.get("/api/auth/me", headers={b"Authorization": header})
        assert reply.status_code == 401, header
        assert reply.headers["www-authenticate"] == "Bearer"
        assert reply.headers["content-type"] == "application/problem+json"


def test_a_token_nested_deep_is_refused(client: Client) -> None:
    header = base64.urlsafe_b64encode(b"[" * 20_000).decode()
    assert get_me(client, f"{header}.e30.x") == 401


def test_the_scheme_ignores_case(client: Client, user: User) -> None:
    headers = {"Authorization": f"bearer {user['access_token']}"}
    assert client.get("/api/auth/me", headers=headers).status_code == 200


Ending = Callable[[Client, User, psycopg.Connection[Any]], object]
ENDINGS: dict[str, Ending] = {
    "logout": lambda client, user, db: client.post("/api/auth/logout", json={"refresh_token": user["refresh_token"]}),
    "device revoked": lambda client, user, db: client.delete("/api/auth/devices/phone", headers=user["headers"]),
    "user disabled": lambda client, user, db: db.execute("update app.users set is_active = false"),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
@pytest.mark.usefixtures("no_memory")
def test_what_ends_an_access_token(client: Client, user: User, db: psycopg.Connection[Any], ending: Ending) -> None:
    assert get_me(client, user["access_token"]) == 200
    ending(client, user, db)
    assert get_me(client, user["access_token"]) == 401


def test_a_password_change_ends_other_logins_within_5_s(client: Client, user: User) -> None:
    given = {"username": user["username"], "password": PASSWORD}
    other = client.post("/api/auth/login", json=given).json()
    assert get_me(client, other["access_token"]) == 200
    change = {"current": PASSWORD, "new": "another password"}
    assert client.post("/api/auth/password", json=change, headers=user["headers"]).status_code == 204
    wait_until(lambda: get_me(client, other["access_token"]) != 200, 5)
    assert get_me(client, user["access_token"]) == 200
    assert client.post("/api/auth/refresh", json={"refresh_token": other["refresh_token"]}).status_code == 401
    assert client.post("/api/auth/refresh", json={"refresh_token": user["refresh_token"]}).status_code == 200
    assert client.post("/api/auth/login", json=given).status_code == 401
    assert client.post("/api/auth/login", json=given | {"password": "another password"}).status_code == 200


def test_the_current_password_is_needed(client: Client, user: User) -> None:
    change = {"current": "a wrong password", "new": "another password"}
    reply = client.post("/api/auth/password", json=change, headers=user["headers"])
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == "current"
    assert get_me(client, user["access_token"]) == 200


@pytest.mark.usefixtures("no_memory")
def test_admin_routes_are_for_admins(settings: Settings, db: psycopg.Connection[Any]) -> None:
    @get("/admins", opt={"policy": "admin"}, sync_to_thread=False)
    def admins() -> str:
        return "welcome"

    @get("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        return "never"

    # An application of its own, as these routes stay in it.
    app = create_app(settings)
    app.register(admins)
    app.register(forgotten)
    with TestClient(app) as client:
        account = {"username": "mina", "email": "mina@example.org", "password": PASSWORD}
        token = client.post("/api/auth/register", json=account).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/admins").status_code == 401
        assert client.get("/admins", headers=headers).status_code == 403
        db.execute("update app.users set role = 'admin'")
        assert client.get("/admins", headers=headers).status_code == 200
        assert client.get("/forgotten", headers=headers).status_code == 403
        assert client.get("/forgotten").status_code == 401
        assert client.options("/admins").status_code == 204


@pytest.mark.unit
@pytest.mark.parametrize("opt", [{}, {"policy": "everybody"}, {"policy": None}])
def test_a_route_without_a_policy_prevents_the_start(opt: dict[str, Any]) -> None:
    @get("/forgotten", opt=opt, sync_to_thread=False)
    def forgotten() -> str:
        return "never"

    with pytest.raises(ImproperlyConfiguredException, match="/forgotten"):
        check_policies(Litestar([forgotten], openapi_config=None))


@pytest.mark.unit
@pytest.mark.parametrize("right", [None, "job:anything"])
@pytest.mark.parametrize("path", ["/forgotten", "/forgotten/{job_id:uuid}"])
def test_a_route_that_names_an_object_without_a_right_prevents_the_start(path: str, right: str | None) -> None:
    """In the query or in the path."""
    opt = {"policy": "user"} | ({"right": right} if right else {})

    @get("/forgotten", opt=opt, sync_to_thread=False)
    def in_query(share: Annotated[str, QueryParameter(name="share_id")]) -> str:
        return "never"

    @get("/forgotten/{job_id:uuid}", opt=opt, sync_to_thread=False)
    def in_path(job_id: FromPath[uuid.UUID]) -> str:
        return "never"

    with pytest.raises(ImproperlyConfiguredException, match="/forgotten"):
        check_policies(Litestar([in_path if "{" in path else in_query], openapi_config=None))
