"""Labels of a session, checked."""

from koodtx.errors import invalid_field
from koodtx.readings.accepted_times import AcceptedTimes, checked_time
from koodtx.sessions.messages import NewLabel
from koodtx.sync.session_context import SessionLabel

_SEND_AGAIN = "Correct the time and send all labels again"


def checked_labels(labels: list[NewLabel], accepted: AcceptedTimes) -> list[SessionLabel]:
    """Raises Invalid, naming the field, for a time that is not accepted or an end that is not after its start."""
    return [_checked(label, f"labels[{place}]", accepted) for place, label in enumerate(labels)]


def _checked(label: NewLabel, place: str, accepted: AcceptedTimes) -> SessionLabel:
    from_at = checked_time(label.from_at, f"{place}.from", accepted, _SEND_AGAIN)
    to_at = checked_time(label.to_at, f"{place}.to", accepted, _SEND_AGAIN)
    if to_at <= from_at:
        raise invalid_field(f"{place}.to", "must be later than from")
    return SessionLabel(label.label, from_at, to_at, label.source)
