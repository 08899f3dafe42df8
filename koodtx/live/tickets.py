"""Tickets: each opens one WebSocket or event stream, in a query where an access token would too often be logged.

A ticket is its login's id and a random number, signed, so that a used one still shows whose it was.
"""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from koodtx import signing
from koodtx.accounts.active_logins import authenticate
from koodtx.errors import NotAuthenticated, TokenInvalid
from koodtx.live import store
from koodtx.live.messages import Ticket
from koodtx.signing import Keys, NotSigned

_LIFETIME = timedelta(seconds=30)
_PREFIX = "ticket_"
_ID_BYTES, _RANDOM_BYTES = 16, 24


async def make_ticket(pool: AsyncConnectionPool, keys: Keys, login_id: UUID) -> Ticket:
    """Returns a new ticket of this login."""
    text = _PREFIX + signing.sign(keys, "ticket", login_id.bytes + secrets.token_bytes(_RANDOM_BYTES))
    async with pool.connection() as connection:
        await store.make_ticket(connection, _hash(text), login_id, _LIFETIME)
    return Ticket(text, int(_LIFETIME.total_seconds()))


async def login_of(pool: AsyncConnectionPool, keys: Keys, token: str | None) -> UUID:
    """Returns the login of an access token, or of a ticket and uses it up. Raises NotAuthenticated, TokenInvalid."""
    if not token:
        raise NotAuthenticated
    if not token.startswith(_PREFIX):
        return (await authenticate(pool, keys, token)).login_id
    async with pool.connection() as connection:
        login_id = await store.use_ticket(connection, _hash(token))
    if login_id is None:
        raise TokenInvalid
    return login_id


def login_named_in(keys: Keys, token: str) -> UUID | None:
    """Returns the login that a ticket was made for, used or not; None for what this server did not sign.

    This gives no access: it is for answers that reveal nothing new.
    """
    if not token.startswith(_PREFIX):
        return None
    try:
        return UUID(bytes=signing.read(keys, "ticket", token.removeprefix(_PREFIX))[:_ID_BYTES])
    except NotSigned:
        return None


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
