"""Tickets: they open one connection, and appear in URLs instead of access tokens, since URLs are often logged."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from koodtx.accounts.active_logins import authenticate
from koodtx.errors import NotAuthenticated, TokenInvalid
from koodtx.live import store
from koodtx.live.messages import Ticket

_LIFETIME = timedelta(seconds=30)
_PREFIX = "ticket_"


async def make_ticket(pool: AsyncConnectionPool, login_id: UUID) -> Ticket:
    """Returns a new ticket of this login."""
    text = _PREFIX + secrets.token_urlsafe(32)
    async with pool.connection() as connection:
        await store.make_ticket(connection, _hash(text), login_id, _LIFETIME)
    return Ticket(text, int(_LIFETIME.total_seconds()))


async def login_of(pool: AsyncConnectionPool, secret_key: str, token: str | None) -> UUID:
    """Returns the login of an access token, or of a ticket and uses it up. Raises NotAuthenticated, TokenInvalid."""
    if not token:
        raise NotAuthenticated
    if not token.startswith(_PREFIX):
        return (await authenticate(pool, secret_key, token)).login_id
    async with pool.connection() as connection:
        login_id = await store.use_ticket(connection, _hash(token))
    if login_id is None:
        raise TokenInvalid
    return login_id


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
