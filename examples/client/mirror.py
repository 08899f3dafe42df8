"""What the server has, as of the latest pull or push."""

import json
from collections.abc import Iterable

from .blocks import Document, as_readings
from .store import Store


class Mirror:
    """Sessions and readings of the account, of all its devices."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def sessions(self) -> list[Document]:
        rows = self.store.rows("select document from sessions order by session_id")
        return [json.loads(document) for (document,) in rows]

    def keep_page(self, page: Document) -> None:
        """Applies a page of a pull; within a transaction, which stores the cursor too."""
        for session_id in page["deleted"]:
            self.store.drop(session_id)
        for session in page["sessions"]:
            self.keep_readings(session["session_id"], as_readings(session.pop("sensor_data", [])))
            # Archived readings can no longer be pulled.
            data_count = session["data_count"] - session.get("archived_count", 0)
            row = (session["session_id"], data_count, json.dumps(session))
            self.store.db.execute("insert or replace into sessions values (?, ?, ?)", row)

    def keep_readings(self, session_id: str, items: Iterable[Document]) -> None:
        rows = ((session_id, item["sensor_type"], item["timestamp"], json.dumps(item["data"])) for item in items)
        self.store.db.executemany("insert or replace into readings values (?, ?, ?, ?)", rows)

    def lacking(self) -> list[str]:
        """Returns the sessions of which readings are missing, e.g. the phone's own after a reinstallation."""
        held = "select count(*) from readings where readings.session_id = sessions.session_id"
        rows = self.store.rows(f"select session_id from sessions where data_count > ({held})")  # noqa: S608
        return [session_id for (session_id,) in rows]

    def start_resync(self) -> None:
        """After a restore of the server, forgets its data and returns all recorded data to the outbox."""
        with self.store.db:
            for statement in (
                "delete from state where name like 'cursor%'",
                "delete from sessions",
                "delete from readings",
                # Those that the server has never acknowledged may be ones that it rejects.
                "insert into readings select session_id, sensor_type, timestamp_ms, data from recorded"
                " where is_acknowledged",
                "update fields set is_acknowledged = 0",
                "update recorded set is_acknowledged = 0",
            ):
                self.store.db.execute(statement)
