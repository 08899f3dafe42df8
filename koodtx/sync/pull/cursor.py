"""The cursor of a pull: opaque to clients, signed, bound to its user, sync epoch and question."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct

from koodtx.sync.errors import CursorInvalid
from koodtx.sync.messages import SyncPullRequest

_SIGNATURE_BYTES = 16


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
    return hmac.digest(secret.encode(), b"koodtx cursor" + payload, "sha256")[:_SIGNATURE_BYTES]
