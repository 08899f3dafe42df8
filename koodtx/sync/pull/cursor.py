"""The cursor of a pull: opaque to clients, signed, bound to its user, sync epoch and question."""

import hashlib
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct

from koodtx import signing
from koodtx.signing import Keys, NotSigned
from koodtx.sync.errors import CursorInvalid
from koodtx.sync.messages import SyncPullRequest


class After(NamedTuple):
    """The last thing sent: all of a session, or its readings up to one of a sensor type (epoch microseconds)."""

    recording_id: int
    sensor_type_id: int | None = None
    micros: int | None = None


class Cursor(Struct, array_like=True, frozen=True):
    """`base`: the client has every change up to it. `until`, `until_at`: the change sequence before the first page."""

    sync_epoch: str
    user_id: int
    scope: str
    base: int
    until: int
    until_at: datetime
    since: datetime | None = None
    after: After | None = None


def scope_of(request: SyncPullRequest) -> str:
    """A fingerprint of what was asked for: a cursor only answers the question it was made for."""
    ids = None if request.session_ids is None else sorted(set(request.session_ids))
    question = msgspec.json.encode([ids, request.include_data, request.own])
    return hashlib.sha256(question).hexdigest()[:16]


def sign(cursor: Cursor, keys: Keys) -> str:
    """The cursor as text for a client."""
    return signing.sign(keys, "cursor", msgspec.msgpack.encode(cursor))


def read(text: str, keys: Keys) -> Cursor:
    """The cursor of a client's text. Raises CursorInvalid unless this service signed it."""
    try:
        return msgspec.msgpack.decode(signing.read(keys, "cursor", text), type=Cursor)
    except NotSigned as error:
        raise CursorInvalid from error
