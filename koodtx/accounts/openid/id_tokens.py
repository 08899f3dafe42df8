"""Verifies ID tokens: who has logged in at an issuer (OpenID Connect Core 1.0, section 3.1.3.7)."""

import asyncio
import hmac
import time
from collections.abc import Collection
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from koodtx.accounts.openid.errors import IdTokenInvalid, LoginNotOffered
from koodtx.accounts.openid.issuer_keys import IssuerKeys
from koodtx.accounts.openid.key_set import ALGORITHMS
from koodtx.accounts.settings import AccountSettings, Issuer

# Tokens of issuers have 1 to 2 KB, of some that list groups 8 KB.
_MAX_LENGTH = 16_384
_MAX_SUBJECT_LENGTH = 255
_CLOCK_SKEW_S = 60

_jws = jwt.PyJWS(algorithms=sorted(ALGORITHMS))


class Claims(Struct):
    """What is used of a token. The last ones only describe the user, and are ignored if they are of another type."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: float
    iat: float
    nbf: float | None = None
    azp: str | None = None
    nonce: str | None = None
    email: Any = None
    email_verified: Any = None
    preferred_username: Any = None
    name: Any = None

    @property
    def audiences(self) -> set[str]:
        return {self.aud} if isinstance(self.aud, str) else set(self.aud)


class _Header(Struct):
    alg: str
    kid: str | None = None
    typ: str | None = None


class VerifiedToken(Struct, frozen=True):
    """The claims of a valid token, and the issuer that made it."""

    issuer: Issuer
    claims: Claims


class IdTokens:
    """The issuers of the settings and their keys. `google`: None if it is not among them."""

    def __init__(self, settings: AccountSettings) -> None:
        self.google = settings.google
        self.all = [*([self.google] if self.google else []), *settings.other_issuers]
        self._keys = {issuer.url: IssuerKeys(issuer.url, settings.openid_timeout_s) for issuer in self.all}

    async def verify(self, token: str, nonce: str | None, issuers: Collection[Issuer]) -> VerifiedToken:
        """Returns what a token of one of these issuers says. Raises IdTokenInvalid, IssuerUnavailable, LoginNotOffered.

        `nonce`: that of the app's request to the issuer, if it sent one.
        """
        if not issuers:
            raise LoginNotOffered
        header, claims = _read(token)
        issuer = next((issuer for issuer in issuers if claims.iss in issuer.names), None)
        if issuer is None:
            raise IdTokenInvalid("is of an issuer (iss) that is not accepted here")
        key = await self._keys[issuer.url].find(header.alg, header.kid)
        try:
            _jws.decode(token, key, algorithms=[header.alg])
        except jwt.InvalidTokenError as error:
            raise IdTokenInvalid("does not have a valid signature of its issuer") from error
        _check_app(claims, issuer.client_ids)
        _check_times(claims, time.time())
        _check_nonce(claims.nonce, nonce)
        return VerifiedToken(issuer, claims)

    async def aclose(self) -> None:
        await asyncio.gather(*(keys.aclose() for keys in self._keys.values()))


def _read(token: str) -> tuple[_Header, Claims]:
    """Returns header and claims, whose signature is still to be verified. Raises IdTokenInvalid."""
    if len(token) > _MAX_LENGTH:
        raise IdTokenInvalid(f"has more than {_MAX_LENGTH} characters")
    try:
        parts = _jws.decode_complete(token, options={"verify_signature": False})
        header = msgspec.convert(parts["header"], _Header)
    except (jwt.InvalidTokenError, msgspec.ValidationError, RecursionError) as error:
        raise IdTokenInvalid("is not a signed JSON Web Token") from error
    if header.alg not in ALGORITHMS:
        raise IdTokenInvalid(f"must be signed with one of {', '.join(sorted(ALGORITHMS))}")
    # Tokens for other purposes, e.g. `at+jwt` for an API, have the same signature.
    if header.typ is not None and header.typ.lower() != "jwt":
        raise IdTokenInvalid("is a token of another type (typ)")
    try:
        claims = msgspec.json.decode(parts["payload"], type=Claims)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise IdTokenInvalid(
            "lacks a claim of an ID token (iss, sub, aud, exp, iat), or has one of a wrong type"
        ) from error
    if not 1 <= len(claims.sub) <= _MAX_SUBJECT_LENGTH or not claims.sub.isprintable():
        raise IdTokenInvalid(f"must have a sub of 1 to {_MAX_SUBJECT_LENGTH} printable characters")
    return header, claims


def _check_app(claims: Claims, client_ids: frozenset[str]) -> None:
    """Raises IdTokenInvalid unless the token was made for our apps only: others could present it here."""
    audiences = claims.audiences
    if not audiences or not audiences <= client_ids:
        raise IdTokenInvalid("was made for another app: its audience (aud) has a client id that is not accepted here")
    if claims.azp is None and len(audiences) > 1:
        raise IdTokenInvalid("has several audiences (aud), but no authorized party (azp)")
    if claims.azp is not None and claims.azp not in client_ids:
        raise IdTokenInvalid("was requested by another app: its azp is not a client id that is accepted here")


def _check_times(claims: Claims, now: float) -> None:
    if claims.exp <= now - _CLOCK_SKEW_S:
        raise IdTokenInvalid("has expired: get a new one from the issuer")
    if max(claims.iat, claims.nbf or 0) > now + _CLOCK_SKEW_S:
        raise IdTokenInvalid("is from the future (iat, nbf): the clocks of issuer and server differ")


def _check_nonce(in_token: str | None, given: str | None) -> None:
    if in_token is None and given is not None:
        raise IdTokenInvalid("has no nonce, but the request has one")
    if in_token is not None and given is None:
        raise IdTokenInvalid("has a nonce: send it in the field nonce as well")
    if not hmac.compare_digest((in_token or "").encode(), (given or "").encode()):
        raise IdTokenInvalid("has another nonce than the request")
