"""Access tokens (JWT, 15 minutes) and refresh tokens (random, 30 days, stored as hashes)."""

import base64
import hashlib
import hmac
import secrets
import time
import uuid
from datetime import timedelta

import jwt
import msgspec
from msgspec import Struct

from koodtx.errors import TokenInvalid

ACCESS_LIFETIME_S = 900
REFRESH_LIFETIME = timedelta(days=30)

_ALGORITHM = "HS256"
_ISSUER = "koodtx"
_AUDIENCE = "koodtx-api"
_CLOCK_SKEW_S = 60


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


def make_access_token(secret_key: str, user_id: int, device_key: int, login_id: uuid.UUID) -> str:
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
    return jwt.encode(msgspec.to_builtins(claims), secret_key, algorithm=_ALGORITHM)


def read_access_token(secret_key: str, token: str) -> AccessClaims:
    """Returns the claims of a token, each checked. Raises TokenInvalid."""
    try:
        payload = jwt.decode(
            token,
            secret_key,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            issuer=_ISSUER,
            # Another server's clock may be a little ahead: see below.
            options={"require": ["exp", "iat", "sub", "jti"], "verify_iat": False, "strict_aud": True},
        )
        claims = msgspec.convert(payload, AccessClaims)
    except (jwt.InvalidTokenError, msgspec.ValidationError, RecursionError) as error:
        raise TokenInvalid from error
    if claims.typ != "access" or not claims.sub.isdecimal() or claims.iat > time.time() + _CLOCK_SKEW_S:
        raise TokenInvalid
    return claims


def make_refresh_token() -> str:
    """Returns the first refresh token of a login: 256 random bits."""
    return secrets.token_urlsafe(32)


def successor(secret_key: str, token: str) -> str:
    """Returns the next refresh token: always the same one, so that a retry after a lost reply gets it again."""
    digest = hmac.digest(secret_key.encode(), b"refresh" + token.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
