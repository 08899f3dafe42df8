"""The session of a push, and its push_id, checked."""

import msgspec
from msgspec import UNSET

from koodtx.errors import invalid_field
from koodtx.readings.accepted_times import AcceptedTimes, checked_time
from koodtx.sync.messages import PushedSession, SessionFields
from koodtx.sync.session_context import SessionDevice

_MAX_ID = 64


def session_fields(session: PushedSession, accepted: AcceptedTimes) -> SessionFields:
    """Returns the fields that were sent. Raises Invalid for a time that is not accepted or a NUL character."""
    fields = {
        name: value
        for name, value in msgspec.structs.asdict(session).items()
        if value is not UNSET and name != "session_id"
    }
    if isinstance(session.device, SessionDevice):
        fields["device"] = msgspec.to_builtins(session.device) or None
    for name in ("start_time", "end_time"):
        if fields.get(name) is not None:
            fields[name] = checked_time(fields[name], f"session.{name}", accepted).isoformat()
    for name, value in {"session_id": session.session_id, **fields}.items():
        texts = [value] if isinstance(value, str) else value if isinstance(value, list | dict) else []
        if any("\0" in text for text in texts):
            raise invalid_field(f"session.{name}", "has a NUL character")
    return SessionFields(session.session_id, fields)


def one_push_id(in_body: str | None, in_header: str | None) -> str | None:
    """Returns `push_id`, or the header Idempotency-Key, which means the same. Raises Invalid."""
    if in_body is not None and in_header is not None and in_body != in_header:
        raise invalid_field("push_id", "differs from the header Idempotency-Key")
    push_id = in_body if in_body is not None else in_header
    if push_id is not None and (not 1 <= len(push_id) <= _MAX_ID or "\0" in push_id):
        raise invalid_field("push_id", "must have 1 to 64 characters")
    return push_id


def checked_replaces(replaces: list[str], push_id: str | None) -> list[str]:
    """Returns the ids of the pushes that this one replaces. Raises Invalid."""
    if replaces and push_id is None:
        raise invalid_field("replaces", "goes with a push_id")
    if push_id in replaces:
        raise invalid_field("replaces", "has the push_id itself")
    if any("\0" in replaced for replaced in replaces):
        raise invalid_field("replaces", "has a NUL character")
    return replaces
