"""Whether the login of an access token is still active."""

import time
from collections import OrderedDict
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from koodtx.accounts import store
from koodtx.accounts.caller import Caller
from koodtx.accounts.store import ActiveLogin
from koodtx.accounts.tokens import read_access_token
from koodtx.errors import TokenInvalid
from koodtx.signing import Keys

# A revoked login is noticed after at most this time; docs promise 5 s.
_TRUSTED_FOR_S = 3.0
_MAX_LOGINS = 10_000


class ActiveLogins:
    """Answers of the database about logins, kept for three seconds."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, tuple[float, ActiveLogin | None]] = OrderedDict()

    async def get(self, pool: AsyncConnectionPool, login_id: UUID) -> ActiveLogin | None:
        read_at = time.monotonic()
        known_at, active = self._known.get(login_id, (float("-inf"), None))
        if read_at - known_at < _TRUSTED_FOR_S:
            return active
        async with pool.connection() as connection:
            active = await store.find_active_login(connection, login_id)
        self._known[login_id] = (read_at, active)
        self._known.move_to_end(login_id)
        while len(self._known) > _MAX_LOGINS:
            self._known.popitem(last=False)
        return active


_active_logins = ActiveLogins()


async def authenticate(pool: AsyncConnectionPool, keys: Keys, token: str) -> Caller:
    """Returns the caller of an access token whose login is active. Raises TokenInvalid."""
    claims = read_access_token(keys, token)
    active = await _active_logins.get(pool, claims.fam)
    if active is None or (active.user_id, active.device_key) != (int(claims.sub), claims.dev):
        raise TokenInvalid
    return Caller(active.user_id, active.role, active.device_key, claims.fam)
