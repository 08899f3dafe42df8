"""Who listens: an access token, or better a ticket, since a URL may end in a log."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection
from psycopg_pool import AsyncConnectionPool

from koodtx.accounts.authorise import authenticate
from koodtx.errors import NotAuthenticated, TokenInvalid
from koodtx.live import store
from koodtx.live.messages import Ticket

_LIFETIME = timedelta(seconds=30)
_PREFIX = "ticket_"


async def make_ticket(pool: AsyncConnectionPool, login_id: UUID) -> Ticket:
    """A ticket of this login."""
    text = _PREFIX + secrets.token_urlsafe(32)
    async with pool.connection() as connection:
        await store.make_ticket(connection, _hash(text), login_id, _LIFETIME)
    return Ticket(text, int(_LIFETIME.total_seconds()))


async def login_of(connection: ASGIConnection[Any, Any, Any, Any], token: str | None) -> UUID:
    """The login of an access token or of a ticket, which is then used up. Raises NotAuthenticated, TokenInvalid."""
    if not token:
        raise NotAuthenticated
    if not token.startswith(_PREFIX):
        return (await authenticate(connection, token)).login_id
    async with connection.app.state.pool.connection() as database:
        login_id = await store.use_ticket(database, _hash(token))
    if login_id is None:
        raise TokenInvalid
    return login_id


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
