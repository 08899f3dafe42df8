"""Access tokens (JWT, 15 minutes) and refresh tokens (random, 30 days, stored as hashes)."""

import base64
import hashlib
import hmac
import re
import secrets
import time
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from koodtx.errors import TokenInvalid, invalid_field
from koodtx.signing import Keys

ACCESS_LIFETIME_S = 900
REFRESH_LIFETIME = timedelta(days=30)

_ALGORITHM = "HS256"
_ISSUER = "koodtx"
_AUDIENCE = "koodtx-api"
_CLOCK_SKEW_S = 60
# A bigint of PostgreSQL, in the only spelling that `make_access_token` uses.
_USER_ID = re.compile(r"[1-9][0-9]{0,17}")


class AccessClaims(Struct, frozen=True):
    """The claims of an access token. `fam`: its login_id; `dev`: its device_key."""

    iss: str
    aud: str
    typ: str
    iat: int
    exp: int
    sub: str
    jti: str
    fam: uuid.UUID
    dev: int


def make_access_token(keys: Keys, user_id: int, device_key: int, login_id: uuid.UUID) -> str:
    now = int(time.time())
    claims = AccessClaims(
        iss=_ISSUER,
        aud=_AUDIENCE,
        typ="access",
        iat=now,
        exp=now + ACCESS_LIFETIME_S,
        sub=str(user_id),
        jti=uuid.uuid4().hex,
        fam=login_id,
        dev=device_key,
    )
    return jwt.encode(msgspec.to_builtins(claims), keys[0], algorithm=_ALGORITHM)


def read_access_token(keys: Keys, token: str) -> AccessClaims:
    """Returns the claims of a token, each checked. Raises TokenInvalid."""
    try:
        claims = msgspec.convert(_payload(keys, token), AccessClaims)
    # OverflowError: an infinite `exp`.
    except (jwt.InvalidTokenError, msgspec.ValidationError, RecursionError, OverflowError) as error:
        raise TokenInvalid from error
    if claims.typ != "access" or not _USER_ID.fullmatch(claims.sub) or claims.iat > time.time() + _CLOCK_SKEW_S:
        raise TokenInvalid
    return claims


def _payload(keys: Keys, token: str) -> dict[str, Any]:
    for key in keys:
        # Of another key: the next one is tried. Whatever else is wrong is wrong with every key.
        with suppress(jwt.InvalidSignatureError):
            return jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                # Another server's clock may be a little ahead: see below.
                options={"require": ["exp", "iat", "sub", "jti"], "verify_iat": False, "strict_aud": True},
            )
    raise TokenInvalid


def make_refresh_token() -> str:
    """Returns the first refresh token of a login: 256 random bits."""
    return secrets.token_urlsafe(32)


def successors(keys: Keys, token: str) -> dict[bytes, str]:
    """Returns what may follow a refresh token, by its hash: the next token, then those that older keys have made.

    Each is always the same, so that a retry after a lost reply gets it again, also after a change of keys.
    """
    tokens = [_successor(key, token) for key in keys]
    return {token_hash(successor): successor for successor in tokens}


def _successor(key: str, token: str) -> str:
    digest = hmac.digest(key.encode(), b"refresh" + token.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def given_refresh_token(in_body: str | None, in_header: str | None) -> str:
    """Returns the refresh token of a request, which has it in its body or in the header Authorization.

    An access token in the header, which many clients send with every request, does not count beside a token in the
    body. Raises Invalid when there is none, or two that differ.
    """
    if in_body is None and in_header is None:
        raise invalid_field("refresh_token", "is missing: send it in the body, or as Authorization: Bearer")
    if in_body is None or in_header is None or "." in in_header:
        return in_body or in_header or ""
    if in_body != in_header:
        raise invalid_field("refresh_token", "differs from the token of the header Authorization: send one of them")
    return in_body


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
