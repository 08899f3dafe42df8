"""What a record must have, by its type, and what an edit makes of it."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from koodtx.diary.messages import DiaryRecord, NewRecord, RecordPatch
from koodtx.errors import invalid_field
from koodtx.readings.accepted_times import AcceptedTimes, accepted_times, checked_time
from koodtx.readings.times import to_milliseconds

_OF_TYPE = {"food": ("what", "energy_kcal", "tags"), "exercise": ("activity", "minutes", "session_id")}
_NEEDED = {"food": "what", "exercise": "activity"}
_ADVICE = "Correct it and send the record again"
# A fixed day, and not the maximum age of readings: what was stored once must be accepted again, after a restore or with
# an edit of another field.
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)


def times_of_records() -> AcceptedTimes:
    """The times accepted now."""
    return accepted_times(datetime.now(UTC), 0)._replace(oldest_ms=to_milliseconds(_OLDEST))


def checked(new: NewRecord, accepted: AcceptedTimes, prefix: str = "") -> dict[str, Any]:
    """The fields to store. Raises Invalid, naming the field after `prefix`."""
    for record_type, fields in _OF_TYPE.items():
        for field in fields:
            if record_type != new.record_type and getattr(new, field) is not None:
                raise invalid_field(prefix + field, f"is not a field of {new.record_type} records")
    needed = _NEEDED[new.record_type]
    if getattr(new, needed) is None:
        raise invalid_field(prefix + needed, f"is needed for {new.record_type} records")
    if new.record_type == "exercise" and new.minutes is None and new.session_id is None:
        raise invalid_field(prefix + "minutes", "is needed without a session_id")
    stored: dict[str, Any] = msgspec.to_builtins(new)
    stored["at"] = checked_time(new.at, prefix + "at", accepted, _ADVICE).isoformat()
    return stored


def edited(record: DiaryRecord, patch: RecordPatch) -> NewRecord:
    """The record with the fields of the patch."""
    fields = {name: getattr(record, name) for name in NewRecord.__struct_fields__}
    given = {name: getattr(patch, name) for name in patch.__struct_fields__}
    return NewRecord(**fields | {name: value for name, value in given.items() if value is not msgspec.UNSET})
