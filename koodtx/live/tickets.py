"""Tickets: each opens one WebSocket or event stream, in a query where an access token would too often be logged.

A ticket is its login's id and a random number, signed, so that a used one still shows whose it was.
"""

import base64
import hashlib
import hmac
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
_ID_BYTES, _RANDOM_BYTES, _SIGNATURE_BYTES = 16, 24, 20


async def make_ticket(pool: AsyncConnectionPool, secret_key: str, login_id: UUID) -> Ticket:
    """Returns a new ticket of this login."""
    signed = login_id.bytes + secrets.token_bytes(_RANDOM_BYTES)
    text = _PREFIX + base64.urlsafe_b64encode(signed + _signature(secret_key, signed)).decode()
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


def login_named_in(secret_key: str, token: str) -> UUID | None:
    """Returns the login that a ticket was made for, used or not; None for what this server did not sign.

    This gives no access: it is for answers that reveal nothing new.
    """
    if not token.startswith(_PREFIX):
        return None
    try:
        raw = base64.b64decode(token.removeprefix(_PREFIX), altchars=b"-_", validate=True)
    except ValueError:
        return None
    signed, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    if len(signed) != _ID_BYTES + _RANDOM_BYTES or not hmac.compare_digest(signature, _signature(secret_key, signed)):
        return None
    return UUID(bytes=signed[:_ID_BYTES])


def _signature(secret_key: str, signed: bytes) -> bytes:
    return hmac.digest(secret_key.encode(), _PREFIX.encode() + signed, "sha256")[:_SIGNATURE_BYTES]


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
