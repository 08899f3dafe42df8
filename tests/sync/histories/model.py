"""What a server has to hold and to answer: plain Python, one write after another."""

import copy
from dataclasses import dataclass, field

import msgspec

from koodtx.sync.session_context import SessionLabel
from tests.support.aliases import Document

Key = tuple[str, float]

EARLIEST_MS = 1_700_000_000_000
COUNTS = ("inserted", "updated", "duplicates", "errors")


@dataclass
class Session:
    """A session as last written. `answered`: by push_id, the body and the reply that it got.

    `replaced`: the ids of pushes that were abandoned.
    """

    fields: Document = field(default_factory=dict)
    readings: dict[Key, Document] = field(default_factory=dict)
    answered: dict[str, tuple[Document, Document]] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    is_deleted: bool = False


@dataclass
class Model:
    """The sessions of one owner."""

    sessions: dict[str, Session] = field(default_factory=dict)

    def copy(self) -> "Model":
        return copy.deepcopy(self)

    def push(self, body: Document) -> Document:
        """Stores a push; the counts to be answered. The last write wins."""
        fields = dict(body["session"])
        session = self.sessions.setdefault(fields.pop("session_id"), Session())
        assert not session.is_deleted, "a push to a deleted session was committed"
        if body.get("push_id") in session.answered:
            known, reply = session.answered[body["push_id"]]
            assert known == body, "a push_id was taken with two bodies"
            return reply | {"replayed": True}
        assert body.get("push_id") not in session.replaced, "a push was committed after one that replaces it"
        session.replaced |= set(body.get("replaces", []))
        session.fields |= fields
        reply = self._store(session, body["sensor_data"])
        if "push_id" in body:
            session.answered[body["push_id"]] = (body, reply)
        return reply

    def _store(self, session: Session, items: list[Document]) -> Document:
        accepted = [item for item in items if not is_refused(item)]
        newest = {key_of(item): item["data"] for item in accepted}
        inserted = sum(key not in session.readings for key in newest)
        updated = sum(session.readings.get(key, data) != data for key, data in newest.items())
        session.readings |= newest
        return {
            "total_records": len(items),
            "inserted": inserted,
            "updated": updated,
            "duplicates": len(accepted) - inserted - updated,
            "errors": len(items) - len(accepted),
            "rejected": [index for index, item in enumerate(items) if is_refused(item)][:100],
            "session_data_count": len(session.readings),
        }

    def annotate(self, session_id: str, notes: str) -> bool:
        """Sets the notes; False when there is no such session."""
        session = self.sessions.get(session_id)
        if session is None or session.is_deleted:
            return False
        session.fields["notes"] = notes
        return True

    def set_labels(self, session_id: str, labels: list[SessionLabel]) -> bool:
        """Replaces the labels; False when there is no such session."""
        session = self.sessions.get(session_id)
        if session is None or session.is_deleted:
            return False
        session.fields["labels"] = msgspec.to_builtins(labels) or None
        return True

    def delete(self, session_id: str) -> bool:
        """False when there never was such a session."""
        session = self.sessions.get(session_id)
        if session is None:
            return False
        self.sessions[session_id] = Session(is_deleted=True)
        return True

    def is_deleted(self, session_id: str) -> bool:
        return session_id in self.sessions and self.sessions[session_id].is_deleted

    def expected(self, session_ids: list[str] | None) -> dict[str, tuple[Document, dict[Key, Document]]]:
        """What a device that pulls these sessions holds in the end, each with how many readings it has."""
        return {
            session_id: (shown(session.fields) | {"data_count": len(session.readings)}, session.readings)
            for session_id, session in self.sessions.items()
            if not session.is_deleted and (session_ids is None or session_id in session_ids)
        }


def key_of(item: Document) -> Key:
    """The key of a reading within its session."""
    return item["sensor_type"], item["timestamp"]


def is_refused(item: Document) -> bool:
    """Whether the contract refuses the reading."""
    return not item["sensor_type"] or item["timestamp"] < EARLIEST_MS or not isinstance(item["data"], dict)


def shown(fields: Document) -> Document:
    """The fields of a session that a pull shows and a push sets."""
    return {
        "start_time": fields["start_time"],
        "end_time": fields.get("end_time"),
        "notes": fields.get("notes"),
        "is_active": fields.get("end_time") is None,
        "is_uploaded": fields.get("end_time") is not None,
        "units": fields.get("units"),
        "device": fields.get("device"),
        "labels": fields.get("labels"),
    }
