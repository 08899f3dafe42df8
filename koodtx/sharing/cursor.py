"""The cursor of `shared-with-me`: opaque to clients, signed, bound to its user, sync epoch and question."""

import base64
import hmac
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from koodtx.sync.errors import CursorInvalid

_SIGNATURE_BYTES = 16


class Cursor(Struct, array_like=True, frozen=True):
    """`base`, `since`: the client has all up to this change number and this time of the database's clock.

    `until`, `until_at`: where both stood before the first page. `after`: the last share of the page before.
    """

    sync_epoch: UUID
    user_id: int
    of_sessions: bool
    base: int
    since: datetime
    until: int
    until_at: datetime
    after: UUID | None = None


def sign(cursor: Cursor, secret: str) -> str:
    """The cursor as text for a client."""
    payload = msgspec.msgpack.encode(cursor)
    return base64.urlsafe_b64encode(_signature(payload, secret) + payload).decode().rstrip("=")


def read(text: str, secret: str) -> Cursor:
    """The cursor of a client's text. Raises CursorInvalid unless this service signed it."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, UnicodeEncodeError) as error:
        raise CursorInvalid from error
    signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(payload, secret)):
        raise CursorInvalid
    return msgspec.msgpack.decode(payload, type=Cursor)


def _signature(payload: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"koodtx shares cursor" + payload, "sha256")[:_SIGNATURE_BYTES]
