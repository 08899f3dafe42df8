"""The cursor of `shared-with-me`: opaque to clients, signed, bound to its user, sync epoch and question."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from koodtx import signing
from koodtx.signing import Keys, NotSigned
from koodtx.sync.errors import CursorInvalid


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


def sign(cursor: Cursor, keys: Keys) -> str:
    """The cursor as text for a client."""
    return signing.sign(keys, "shares cursor", msgspec.msgpack.encode(cursor))


def read(text: str, keys: Keys) -> Cursor:
    """The cursor of a client's text. Raises CursorInvalid unless this service signed it."""
    try:
        return msgspec.msgpack.decode(signing.read(keys, "shares cursor", text), type=Cursor)
    except NotSigned as error:
        raise CursorInvalid from error
