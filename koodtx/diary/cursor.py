"""The cursor of records: opaque to clients, signed, bound to its user and sync epoch."""

from uuid import UUID

import msgspec
from msgspec import Struct

from koodtx import signing
from koodtx.signing import Keys, NotSigned
from koodtx.sync.errors import CursorInvalid


class Cursor(Struct, array_like=True, frozen=True):
    """The client has everything up to this place in the change log: a change number, and a record within it."""

    sync_epoch: UUID
    user_id: int
    change_no: int
    after: UUID


def sign(cursor: Cursor, keys: Keys) -> str:
    """The cursor as text for a client."""
    return signing.sign(keys, "records cursor", msgspec.msgpack.encode(cursor))


def read(text: str, keys: Keys) -> Cursor:
    """The cursor of a client's text. Raises CursorInvalid unless this service signed it."""
    try:
        return msgspec.msgpack.decode(signing.read(keys, "records cursor", text), type=Cursor)
    except NotSigned as error:
        raise CursorInvalid from error
