"""What the phone recorded, until the server acknowledges it: batches, held readings, corrected times."""

import json
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from .blocks import Document, as_blocks, as_readings, to_micros
from .store import Store

# So many ids a push may replace.
MOST_REPLACED = 32


class Batch(NamedTuple):
    """A push, stored until it is answered, so that a repeated push has the same id and the same bytes."""

    push_id: str
    session_id: str
    body: bytes

    def readings(self) -> list[Document]:
        return as_readings(json.loads(self.body)["sensor_data"])


class Outbox:
    """Fields of sessions and readings of this phone."""

    def __init__(self, store: Store) -> None:
        self.store, self._rows = store, store.rows

    def set_fields(self, session_id: str, fields: Document) -> None:
        rows = [(session_id, name, json.dumps(value)) for name, value in fields.items()]
        with self.store.db:
            self.store.db.executemany("insert or replace into fields values (?, ?, ?, null, 0)", rows)

    def check_begun(self, session_id: str) -> None:
        if not self._rows("select 1 from fields where session_id = ?", session_id):
            raise KeyError(session_id)

    def record_many(self, session_id: str, readings: Iterable[tuple[str, float, Document]]) -> None:
        rows = ((session_id, sensor, to_micros(at), json.dumps(data)) for sensor, at, data in readings)
        with self.store.db:
            self.store.db.executemany("insert or replace into recorded values (?, ?, ?, ?, null, 0)", rows)

    def batch_under_way(self) -> Batch | None:
        return next((Batch(*row) for row in self._rows("select push_id, session_id, body from batch")), None)

    def next_batch(self, size: int) -> Batch | None:
        """Stores a batch of one session before it is sent for the first time. There must be none under way."""
        with self.store.db:
            self.store.db.execute("begin immediate")
            waiting = "select session_id from outbox union all select session_id from fields where not is_acknowledged"
            for (session_id,) in self._rows(f"{waiting} limit 1"):
                push_id = str(uuid.uuid4())
                body = self._body(session_id, push_id, size)
                batch = Batch(push_id, session_id, json.dumps(body).encode())
                self.store.db.execute("insert into batch values (?, ?, ?)", batch)
                return batch
        return None

    def _body(self, session_id: str, push_id: str, size: int) -> Document:
        """Returns the body of a push and marks its fields and readings with the push_id."""
        fields = self._rows(
            "update fields set push_id = ? where session_id = ? and (not is_acknowledged or name = 'start_time')"
            " returning name, value",
            push_id, session_id,
        )  # fmt: skip
        readings = self._rows(
            "select sensor_type, timestamp_ms, data from outbox where session_id = ? limit ?", session_id, size
        )
        self.store.db.executemany(
            "update recorded set push_id = ? where session_id = ? and sensor_type = ? and timestamp_ms = ?",
            [(push_id, session_id, sensor, at) for sensor, at, _ in readings],
        )
        session = {"session_id": session_id} | {name: json.loads(value) for name, value in fields}
        items = [{"sensor_type": sensor, "timestamp": at, "data": json.loads(data)} for sensor, at, data in readings]
        if self.store.state("has_blocks"):
            items = as_blocks(items)
        body = {"session": session, "push_id": push_id, "sensor_data": items}
        replaced = self._rows(
            "select push_id from abandoned where session_id = ? order by number desc limit ?", session_id, MOST_REPLACED
        )
        return body | ({"replaces": [replaced_id for (replaced_id,) in replaced]} if replaced else {})

    def end(self, batch: Batch, *, is_acknowledged: bool) -> None:
        """Finishes a batch. Readings recorded again in the meantime have no push_id and stay in the outbox."""
        for table in ("fields", "recorded"):
            statement = f"update {table} set push_id = null, is_acknowledged = ? where push_id = ?"  # noqa: S608
            self.store.db.execute(statement, [is_acknowledged, batch.push_id])
        self.store.db.execute("delete from batch where push_id = ?", [batch.push_id])

    def abandon(self, batch: Batch) -> None:
        """Gives a batch up that was not applied, as far as is known. The next one of its session replaces it."""
        self.end(batch, is_acknowledged=False)
        abandoned = [batch.push_id, batch.session_id]
        self.store.db.execute("insert into abandoned (push_id, session_id) values (?, ?)", abandoned)

    def acknowledge(self, batch: Batch, reply: Document) -> tuple[list[Document], list[Document]]:
        """Finishes a batch by its reply. Returns the readings that are stored, and those rejected permanently."""
        items = dict(enumerate(batch.readings()))
        held = _held(items, reply)
        final = [*(rejected for rejected in reply["rejected"] if not rejected.get("hold")), *_archived(items, reply)]
        for index, code in held.items():
            self._hold(batch, items.pop(index), code)
        refused = []
        for rejected in final:
            item = items.pop(rejected["index"])
            refused.append({"session_id": batch.session_id} | item | rejected)
            self._update_one("delete from recorded", batch, item)
        # A reply lists only the first rejected readings. The others are sent again until all have been listed.
        is_acknowledged = reply["errors"] == len(held) + len(final)
        self.end(batch, is_acknowledged=is_acknowledged)
        self.store.db.execute("delete from abandoned where session_id = ?", [batch.session_id])
        return list(items.values()) if is_acknowledged else [], refused

    def _hold(self, batch: Batch, item: Document, code: str) -> None:
        key = (batch.session_id, item["sensor_type"], item["timestamp"])
        self.store.db.execute("insert or replace into held values (?, ?, ?, ?)", [*key, code])
        self._update_one("update recorded set push_id = null", batch, item)

    def _update_one(self, statement: str, batch: Batch, item: Document) -> None:
        self.store.db.execute(
            f"{statement} where push_id = ? and session_id = ? and sensor_type = ? and timestamp_ms = ?",
            [batch.push_id, batch.session_id, item["sensor_type"], item["timestamp"]],
        )

    def held(self) -> list[Document]:
        names = ("session_id", "sensor_type", "timestamp", "code")
        rows = self._rows("select session_id, sensor_type, timestamp_ms, code from held")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def release_held(self) -> None:
        """Has all held readings sent again: by now the server may accept them."""
        with self.store.db:
            self.store.db.execute("delete from held")

    def retime_held(self, session_id: str, shift_ms: float, accepted: Document | None = None) -> int:
        """Moves readings held for their times and has them sent again; only those moved into `accepted`, if given."""
        moved = 0
        by_time = "select sensor_type, timestamp_ms from held where code in ('out_of_range', 'future')"
        held = self._rows(f"{by_time} and session_id = ?", session_id)
        for sensor, at in held:
            corrected = to_micros(at + shift_ms)
            if accepted is None or accepted["from"] <= corrected <= accepted["until"]:
                key = [session_id, sensor, at]
                where = "where session_id = ? and sensor_type = ? and timestamp_ms = ?"
                # One that another reading is in the way of stays held.
                statement = f"update or ignore recorded set timestamp_ms = ? {where}"  # noqa: S608
                if self.store.db.execute(statement, [corrected, *key]).rowcount:
                    self.store.db.execute(f"delete from held {where}", key)  # noqa: S608
                    moved += 1
        return moved

    def retime_field(self, session_id: str, name: str, shift_ms: float) -> None:
        """Moves the start or end of a session, in the form in which it was recorded."""
        for (text,) in self._rows("select value from fields where session_id = ? and name = ?", session_id, name):
            value = json.loads(text)
            if isinstance(value, str):
                value = (datetime.fromisoformat(value) + timedelta(milliseconds=shift_ms)).isoformat()
            else:
                value += shift_ms
            self.set_fields(session_id, {name: value})


def _held(items: dict[int, Document], reply: Document) -> dict[int, str]:
    """Returns the code of each reading that is to be held, also of those that the reply does not list."""
    held = {rejected["index"]: rejected["code"] for rejected in reply["rejected"] if rejected.get("hold")}
    if accepted := reply.get("accepted_times"):
        named = {rejected["index"] for rejected in reply["rejected"]}
        for index in items.keys() - named:
            if items[index]["timestamp"] < accepted["from"]:
                held[index] = "out_of_range"
            elif items[index]["timestamp"] > accepted["until"]:
                held[index] = "future"
    return held


def _archived(items: dict[int, Document], reply: Document) -> list[Document]:
    """Returns the rejected readings of archived days that the reply does not list."""
    named = {rejected["index"] for rejected in reply["rejected"]}
    spans: list[Any] = reply.get("archived", [])
    return [
        {"index": index, "code": "archived", "message": "the readings of its day were archived"}
        for index, item in items.items()
        if index not in named
        and any(
            span["sensor_type"] == item["sensor_type"] and span["from"] <= item["timestamp"] < span["until"]
            for span in spans
        )
    ]
