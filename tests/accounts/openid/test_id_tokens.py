"""Tokens that are forged, meant for others, too old or broken: each gets 401 and the reason, never a 5xx."""

import base64
import hashlib
import hmac
import json
import time
from contextlib import suppress
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from koodtx.accounts.openid.errors import IdTokenInvalid
from koodtx.accounts.openid.id_tokens import _check_times, _read
from tests.accounts.openid.conftest import MoveClock
from tests.accounts.openid.requests import log_in, logged_in, problem_of
from tests.hostile.corpus import TEXTS
from tests.support.aliases import Client, Db
from tests.support.openid_issuer import CLIENT_ID, OpenidIssuer, ec_key, ed25519_key, public_jwk, rsa_key

pytestmark = [pytest.mark.auth, pytest.mark.api]


def assert_refused(reply: Any, reason: str) -> None:
    assert problem_of(reply) == (401, "id-token-invalid"), reply.text
    (error,) = reply.json()["errors"]
    assert error["field"] == "id_token"
    assert reason in error["message"]
    assert reply.json()["detail"] == f"id_token {error['message']}"


def part(document: Any) -> str:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(header: Any, claims: Any, secret: bytes | None = None) -> str:
    """With a signature by HMAC, or none: PyJWT refuses to make such tokens."""
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), hashlib.sha256)) if secret is not None else ''}"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS256", "HS384", "HS512", "RS1", "dir", "RSA-OAEP"])
def test_an_algorithm_that_is_not_allowed(client: Client, issuer: OpenidIssuer, algorithm: str) -> None:
    token = by_hand({"alg": algorithm, "kid": "first"}, issuer.claims())
    assert_refused(log_in(client, token), "must be signed with one of ES256")
    assert issuer.requests == []


@pytest.mark.parametrize("form", ["pem", "der", "jwk", "modulus"])
@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "ES256", "EdDSA"])
def test_the_public_key_is_not_a_secret(client: Client, issuer: OpenidIssuer, form: str, algorithm: str) -> None:
    public_key = rsa_key(1).public_key()
    secrets = {
        "pem": public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "jwk": json.dumps(public_jwk(rsa_key(1), kid="first")).encode(),
        "modulus": public_key.public_numbers().n.to_bytes(256, "big"),
    }
    token = by_hand({"alg": algorithm, "kid": "first"}, issuer.claims(), secrets[form])
    assert_refused(log_in(client, token), "sign")


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        *((rsa_key(1), name) for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        (ec_key(1), "ES256"),
        (ec_key(1, ec.SECP384R1), "ES384"),
        (ec_key(1, ec.SECP521R1), "ES512"),
        (ed25519_key(), "EdDSA"),
    ],
)
def test_an_algorithm_that_is_allowed(client: Client, issuer: OpenidIssuer, key: Any, algorithm: str) -> None:
    issuer.rotate("other", key)
    assert logged_in(client, issuer.token(algorithm=algorithm))


@pytest.mark.parametrize(
    ("members", "algorithm"), [({"alg": "RS512"}, "RS256"), ({"use": "enc"}, "RS256"), ({"key_ops": ["sign"]}, "RS256")]
)
def test_a_key_signs_only_what_it_is_for(
    client: Client, issuer: OpenidIssuer, members: dict[str, Any], algorithm: str
) -> None:
    spare = public_jwk(rsa_key(2), kid="spare")
    issuer.answers["/keys"] = json.dumps({"keys": [public_jwk(rsa_key(1), kid="first") | members, spare]}).encode()
    assert_refused(log_in(client, issuer.token(algorithm=algorithm)), "key that the issuer does not publish")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-app"},
        {"aud": []},
        {"aud": ""},
        {"aud": [CLIENT_ID, "another-app"], "azp": CLIENT_ID},
        {"aud": CLIENT_ID.upper()},
        {"aud": f"{CLIENT_ID}, koodtx-android"},
    ],
)
def test_a_token_for_another_app(client: Client, issuer: OpenidIssuer, claims: dict[str, Any]) -> None:
    assert_refused(log_in(client, issuer.token(**claims)), "for another app")


@pytest.mark.parametrize("azp", ["another-app", "", CLIENT_ID.upper()])
@pytest.mark.parametrize("audience", [CLIENT_ID, [CLIENT_ID], [CLIENT_ID, "koodtx-android"]])
def test_a_token_that_another_app_requested(client: Client, issuer: OpenidIssuer, azp: str, audience: Any) -> None:
    assert_refused(log_in(client, issuer.token(aud=audience, azp=azp)), "by another app")


def test_audiences_that_are_ours(client: Client, issuer: OpenidIssuer) -> None:
    for claims in [
        {"aud": [CLIENT_ID]},
        {"aud": CLIENT_ID, "azp": "koodtx-android"},
        {"aud": [CLIENT_ID, "koodtx-android"], "azp": CLIENT_ID},
    ]:
        assert logged_in(client, issuer.token(**claims))
    assert_refused(log_in(client, issuer.token(aud=[CLIENT_ID, "koodtx-android"])), "no authorized party")


@pytest.mark.parametrize("path", ["google", "openid"])
def test_a_token_of_another_issuer(client: Client, issuer: OpenidIssuer, other: OpenidIssuer, path: str) -> None:
    names = [
        "https://evil.example.org",
        "",
        f"{issuer.url}/",
        issuer.url.upper(),
        f"{issuer.url}@evil",
        "\0",
        "a" * 5000,
    ]
    for name in names:
        assert_refused(log_in(client, issuer.token(iss=name), path=path), "is of an issuer (iss)")
    other.rotate("first", rsa_key(2))
    # Signed by the other one of two that are accepted, under the same key id.
    assert_refused(log_in(client, other.token(iss=issuer.url), path=path), "valid signature")


def test_a_key_that_the_issuer_does_not_publish(client: Client, issuer: OpenidIssuer) -> None:
    issuer.keys = {"first": rsa_key(2)}
    forged = issuer.token()
    issuer.keys = {"first": rsa_key(1)}
    assert_refused(log_in(client, forged), "valid signature")
    for kid in ("unknown", "", "../first", "first\0", "a" * 8000):
        assert_refused(log_in(client, issuer.token(header={"kid": kid})), "key that the issuer does not publish")


def test_a_key_that_the_token_itself_names(client: Client, issuer: OpenidIssuer) -> None:
    own = public_jwk(rsa_key(2), kid="own")
    for header in ({"jwk": own, "kid": "own"}, {"jku": "http://127.0.0.1:1/keys", "kid": "own"}, {"jwk": own}):
        issuer.keys = {"first": rsa_key(2)}
        forged = issuer.token(header=header)
        issuer.keys = {"first": rsa_key(1)}
        assert_refused(log_in(client, forged), "sign")


def test_without_a_key_id_only_if_there_is_one_key(client: Client, issuer: OpenidIssuer, move_clock: MoveClock) -> None:
    without_kid = jwt.encode(issuer.claims(), rsa_key(1), algorithm="RS256")
    # The other key is for another algorithm.
    issuer.keys = {"first": rsa_key(1), "second": ec_key(1)}
    assert logged_in(client, without_kid)
    issuer.keys = {"first": rsa_key(1), "second": rsa_key(2)}
    move_clock(3601)
    assert_refused(log_in(client, without_kid), "does not name its key")


def test_changes_after_signing(client: Client, issuer: OpenidIssuer) -> None:
    header, claims, signature = issuer.token().split(".")
    thief = part(issuer.claims(sub="somebody else"))
    for token in (f"{header}.{thief}.{signature}", f"{header}.{claims}.{signature[:-4]}AAAA", f"{header}.{claims}."):
        assert_refused(log_in(client, token), "valid signature")


def test_times(client: Client, issuer: OpenidIssuer) -> None:
    now = int(time.time())
    for late in ({"exp": now - 61}, {"exp": 0}, {"exp": -1}, {"exp": -1e300}, {"iat": now - 7200, "exp": now - 3600}):
        assert_refused(log_in(client, issuer.token(**late)), "has expired")
    for early in ({"iat": now + 120}, {"nbf": now + 120}, {"iat": 1e300}, {"iat": now + 3600, "exp": now + 7200}):
        assert_refused(log_in(client, issuer.token(**early)), "from the future")
    for leeway in ({"exp": now - 50}, {"iat": now + 50}, {"nbf": now + 50}, {"exp": now + 0.5}):
        assert logged_in(client, issuer.token(**leeway))


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat"])
@pytest.mark.parametrize("value", [None, True, {}, [1], [None], {"$ne": 1}])
def test_a_claim_that_is_missing_or_of_another_type(
    client: Client, issuer: OpenidIssuer, claim: str, value: Any
) -> None:
    claims: dict[str, Any] = {**issuer.claims(), claim: value}
    if value is None:
        del claims[claim]
    token = jwt.PyJWS().encode(json.dumps(claims).encode(), rsa_key(1), algorithm="RS256", headers={"kid": "first"})
    assert_refused(log_in(client, token), "lacks a claim of an ID token")


@pytest.mark.parametrize("subject", ["", "a" * 256, "a\0b", "a\nb"])
def test_a_subject_that_cannot_be_stored(client: Client, issuer: OpenidIssuer, subject: str) -> None:
    assert_refused(log_in(client, issuer.token(sub=subject)), "must have a sub")


def test_the_nonce_is_that_of_the_request(client: Client, issuer: OpenidIssuer) -> None:
    assert logged_in(client, issuer.token(nonce="n-0S6_WzA2Mj"), nonce="n-0S6_WzA2Mj")
    for in_token, given_nonce, reason in [
        ("n-0S6_WzA2Mj", "n-0S6_WzA2MJ", "another nonce"),
        ("n-0S6_WzA2Mj", None, "send it in the field nonce"),
        (None, "n-0S6_WzA2Mj", "has no nonce"),
        ("", "n-0S6_WzA2Mj", "another nonce"),
        ("한국어", "n", "another nonce"),
    ]:
        fields = {} if given_nonce is None else {"nonce": given_nonce}
        assert_refused(log_in(client, issuer.token(nonce=in_token), **fields), reason)


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "JWE", "application/at+jwt"])
def test_a_token_for_another_purpose(client: Client, issuer: OpenidIssuer, typ: str) -> None:
    assert_refused(log_in(client, issuer.token(header={"typ": typ})), "of another type")


def test_an_access_token_of_our_own(client: Client, issuer: OpenidIssuer) -> None:
    token = logged_in(client, issuer.token())["access_token"]
    assert_refused(log_in(client, token), "must be signed with one of")


@pytest.mark.parametrize("size", [16_385, 40_000])
def test_a_token_that_is_huge(client: Client, issuer: OpenidIssuer, size: int) -> None:
    assert_refused(log_in(client, issuer.token(name="x" * size)), "has more than 16384 characters")
    assert_refused(log_in(client, "." * size), "has more than 16384 characters")
    assert logged_in(client, issuer.token(groups=["x" * 10_000]))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": ["RS256"]}, {"alg": None}, {}, [], "RS256", {"alg": "RS256", "kid": 1},
        {"alg": "RS256", "kid": ["first"]}, {"alg": "RS256", "typ": 1},
        {"alg": "RS256", "crit": ["exp"], "exp": 1}, {"alg": "RS256", "crit": "b64"},
        {"alg": "RS256", "b64": False, "crit": ["b64"]}, {"alg": "RS256", "zip": "DEF", "crit": ["zip"]},
        b"[" * 8000, b'{"alg":' * 1000, b"\xff", b"", b"1" * 5000,
    ],
)  # fmt: skip
def test_a_header_that_is_broken(client: Client, issuer: OpenidIssuer, header: Any) -> None:
    assert_refused(log_in(client, by_hand(header, issuer.claims(), b"secret")), "is not a signed JSON Web Token")


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"[]", b"null", b"[" * 9000, b'{"a":' * 1500, b"\xff", b'{"iss": "\\ud800"}', b"1e400"]
)
def test_claims_that_are_broken(client: Client, issuer: OpenidIssuer, payload: bytes) -> None:
    token = jwt.PyJWS().encode(payload, rsa_key(1), algorithm="RS256", headers={"kid": "first"})
    assert_refused(log_in(client, token), "lacks a claim of an ID token")


@pytest.mark.parametrize("field", ["id_token", "nonce", "device_id", "timezone"])
def test_any_text_in_any_field(client: Client, issuer: OpenidIssuer, field: str, db: Db) -> None:
    for name, text in TEXTS.items():
        reply = client.post("/api/auth/google", json={"id_token": issuer.token(), field: text})
        assert reply.status_code < 500, name
        if field == "id_token":
            assert reply.status_code in (401, 413, 422), name


@pytest.mark.parametrize("claim", ["sub", "email", "name", "preferred_username", "azp", "nonce"])
def test_any_text_in_any_claim(client: Client, issuer: OpenidIssuer, claim: str) -> None:
    for number, (name, text) in enumerate(TEXTS.items()):
        if len(text) < 10_000:
            token = issuer.token(**{"sub": str(number), "email_verified": True, claim: text})
            reply = log_in(client, token)
            assert reply.status_code in (200, 401, 409), f"{name}: {reply.text}"


@pytest.mark.unit
@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True))
def test_any_text_is_read_or_refused(token: str) -> None:
    with pytest.raises(IdTokenInvalid):
        _read(token)


NUMBERS = st.integers() | st.floats(allow_nan=False)


@pytest.mark.unit
@given(
    header=st.dictionaries(st.sampled_from(["alg", "kid", "typ"]), st.sampled_from(["RS256", "JWT", "none", 1, None])),
    claims=st.fixed_dictionaries(
        {"iss": st.text() | st.none(), "sub": st.text(), "aud": st.text() | st.lists(st.text()), "iat": NUMBERS},
        optional={"exp": NUMBERS, "nbf": NUMBERS | st.text(), "azp": st.text(), "email": st.lists(NUMBERS)},
    ),
)
def test_any_claims_are_read_or_refused(header: dict[str, Any], claims: dict[str, Any]) -> None:
    with suppress(IdTokenInvalid):
        _, read = _read(by_hand(header, claims, b""))
        _check_times(read, time.time())
        assert (header["alg"], read.iss) == ("RS256", claims["iss"])
        assert claims["exp"] > time.time() - 61
