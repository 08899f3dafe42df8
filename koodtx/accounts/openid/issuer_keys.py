"""The keys of one issuer as this process knows them: fetched when needed, and never often."""

import asyncio
import time
from typing import Any

import structlog

from koodtx.accounts.openid.errors import IdTokenInvalid, IssuerUnavailable
from koodtx.accounts.openid.key_set import Key

_log = structlog.get_logger("koodtx.accounts")

# Keys of this age are fetched again.
_FRESH_FOR_S = 3600
# While the issuer is not reachable, keys are used up to this age: it may have withdrawn them.
_USED_FOR_S = 24 * 3600
# Between two fetches: tokens with forged key ids, or an issuer that is away, cause no more than that.
_PAUSE_S = 10


class IssuerKeys:
    """Fetches nothing before the first token. One fetch at a time, which all who need it wait for."""

    def __init__(self, issuer_url: str, timeout_s: float) -> None:
        self._url = issuer_url
        self._timeout_s = timeout_s
        self._keys: list[Key] = []
        self._fetched_at = float("-inf")
        self._next_fetch_at = float("-inf")
        self._has_failed = False
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, algorithm: str, kid: str | None) -> Any:
        """Returns the public key that a token names. Raises IdTokenInvalid, IssuerUnavailable."""
        key = self._known(algorithm, kid)
        # With a key at hand, only one waits for newer ones.
        if key is None or (self._age_s() > _FRESH_FOR_S and self._fetching is None):
            await self._fetch()
            key = self._known(algorithm, kid)
        if key is not None:
            return key
        if self._has_failed:
            raise IssuerUnavailable(retry_after_s=max(1, round(self._next_fetch_at - time.monotonic())))
        raise IdTokenInvalid("is signed with a key that the issuer does not publish, or does not name its key")

    async def aclose(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _known(self, algorithm: str, kid: str | None) -> Any:
        if self._age_s() > _USED_FOR_S:
            return None
        found = [key for key in self._keys if algorithm in key.algorithms and kid in (None, key.kid)]
        # Without a key id, only if there is no choice (OpenID Connect Core 1.0, section 10.1).
        return found[0].public_key if len(found) == 1 else None

    def _age_s(self) -> float:
        return time.monotonic() - self._fetched_at

    async def _fetch(self) -> None:
        if self._fetching is None:
            if time.monotonic() < self._next_fetch_at:
                return
            self._fetching = asyncio.create_task(self._load())
        # Shielded, so that a client that hangs up does not take the keys from the others.
        await asyncio.shield(self._fetching)

    async def _load(self) -> None:
        # Only processes that log in by ID tokens load httpx.
        from koodtx.accounts.openid.fetch import IssuerFailed, fetch_keys

        self._has_failed = True
        try:
            self._keys = await fetch_keys(self._url, self._timeout_s)
            self._fetched_at = time.monotonic()
            self._has_failed = False
        except IssuerFailed as error:
            _log.warning("the keys of an issuer could not be fetched", issuer=self._url, reason=str(error))
        finally:
            self._next_fetch_at = time.monotonic() + _PAUSE_S
            self._fetching = None
