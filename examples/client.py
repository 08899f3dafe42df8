"""The reference client: records offline, pushes when it can, pulls what changed. Copy it into your app.

All data is in one SQLite file per account. A crash at any moment loses nothing and stores nothing twice.

    phone = Phone(httpx.Client(base_url="http://127.0.0.1:5000"), "phone.db", device_id="pixel-8-6f2c")
    phone.register("mina", "mina@example.org", "correct horse battery")
    phone.begin_session("walk-1", "2026-11-21T09:00:00Z", sample_rate=100)
    phone.record("walk-1", "accelerometer", 1795251600000, {"x": 0.1, "y": 0.2, "z": 9.8})
    phone.push()
    phone.pull()
"""

import gzip
import json
import random
import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import httpx

Document = dict[str, Any]

RETRYABLE = {408, 429, 502, 503, 504}
# The whole push was rejected and nothing was stored: its data returns to the outbox, and the app must fix it.
FINAL = {400, 413, 415, 422}
LONGEST_WAIT_S = 60.0
# Of one block of readings.
MOST_KEYS = 64
# Epoch milliseconds that no clock shows: such a reading goes alone, as it would have the whole block refused.
FAR_MS = 1e13

SCHEMA = """
create table if not exists state (name text primary key, value);
-- What this phone recorded: fields of sessions, and readings. push_id: the latest push that contains them.
create table if not exists fields (
    session_id text, name text, value text not null, push_id text, is_acknowledged integer not null default 0,
    primary key (session_id, name)
);
create table if not exists recorded (
    session_id text, sensor_type text, timestamp_ms, data text not null, push_id text,
    is_acknowledged integer not null default 0, primary key (session_id, sensor_type, timestamp_ms)
) without rowid;
create index if not exists recorded_outbox on recorded (session_id) where not is_acknowledged;
create index if not exists recorded_push_id on recorded (push_id) where push_id is not null;
-- The push in progress, byte for byte; at most one.
create table if not exists batch (push_id text primary key, session_id text not null, body blob not null);
-- What the server has, as of the latest pull or push.
create table if not exists sessions (session_id text primary key, data_count integer not null, document text not null);
create table if not exists readings (
    session_id text, sensor_type text, timestamp_ms, data text not null,
    primary key (session_id, sensor_type, timestamp_ms)
) without rowid;
"""


class Refused(Exception):
    """The server answered with an error. `problem` is its name, e.g. `session-deleted`."""

    def __init__(self, reply: httpx.Response) -> None:
        is_problem = reply.headers.get("content-type", "").startswith("application/problem+json")
        document = reply.json() if is_problem else {}
        self.status = reply.status_code
        self.problem = str(document.get("type", "")).rpartition(":")[2]
        super().__init__(f"{self.status} {self.problem}: {document.get('detail', '')}")


class Batch(NamedTuple):
    """A push, stored until it is answered, so that a repeated push has the same id and the same bytes."""

    push_id: str
    session_id: str
    body: bytes


def _as_blocks(items: list[Document]) -> list[Document]:
    """Readings of one sensor with the same keys as one item: a third of the bytes, unpacked or in gzip."""
    groups: dict[Any, list[Document]] = {}
    for item in items:
        is_sane = abs(item["timestamp"]) < FAR_MS
        groups.setdefault((is_sane, item["sensor_type"], *item["data"]), []).append(item)
    found: list[Document] = []
    for (is_sane, *_), group in groups.items():
        is_block = is_sane and len(group) > 1 and len(group[0]["data"]) <= MOST_KEYS
        found += [_as_block(group)] if is_block else group
    return found


def _as_block(items: list[Document]) -> Document:
    micros = [round(item["timestamp"] * 1000) for item in items]
    steps = [after - before for before, after in pairwise(micros)]
    data = {key: [item["data"][key] for item in items] for key in items[0]["data"]}
    timestamps = {"start": items[0]["timestamp"], "steps_us": steps}
    return {"sensor_type": items[0]["sensor_type"], "timestamps": timestamps, "data": data}


def _readings(items: list[Document]) -> list[Document]:
    """Returns one item per reading: `index` of a rejected reading counts these."""
    return [reading for item in items for reading in ([item] if "timestamp" in item else _of_block(item))]


def _of_block(block: Document) -> Iterator[Document]:
    for index, timestamp in enumerate(_times(block["timestamps"])):
        data = {key: values[index] for key, values in block["data"].items()}
        yield {"sensor_type": block["sensor_type"], "timestamp": timestamp, "data": data}


def _times(timestamps: Any) -> list[float]:
    """Epoch milliseconds, of any of the three forms."""
    if isinstance(timestamps, list):
        return timestamps
    start = timestamps["start"]
    if "steps_us" in timestamps:
        micros = accumulate(timestamps["steps_us"], initial=round(start * 1000))
    else:
        micros = (round((start + index * timestamps["step"]) * 1000) for index in range(timestamps["count"]))
    return [time // 1000 if time % 1000 == 0 else time / 1000 for time in micros]


def _unnamed(items: dict[int, Document], reply: Document) -> list[Document]:
    """Returns the rejected readings of archived days that the reply does not list."""
    named = {rejected["index"] for rejected in reply["rejected"]}
    spans = reply.get("archived", [])
    return [
        {"index": index, "code": "archived", "message": "the readings of its day were archived"}
        for index, item in items.items()
        if index not in named
        and any(
            span["sensor_type"] == item["sensor_type"] and span["from"] <= item["timestamp"] < span["until"]
            for span in spans
        )
    ]


class Phone:
    """One device of one account; not thread-safe. Calls to the server raise Refused or errors of httpx.

    `rejected` lists readings that the server rejected permanently, with `code` and `message`. They were deleted here.
    """

    first_wait_s = 0.5

    def __init__(
        self, http: httpx.Client, store: Path | str, device_id: str, *, batch_size: int = 5_000, attempts: int = 6
    ) -> None:
        self.http, self.device_id, self.batch_size, self.attempts = http, device_id, batch_size, attempts
        self.rejected: list[Document] = []
        self._db = sqlite3.connect(store)
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    def register(self, username: str, email: str, password: str) -> Document:
        """Creates an account, logs in and returns the user."""
        account = {"username": username, "email": email, "password": password, "device_id": self.device_id}
        return self._begin_login(self._call("POST", "/api/auth/register", account))

    def login(self, username: str, password: str) -> Document:
        """Logs in by user name or e-mail address and returns the user."""
        account = {"username": username, "password": password, "device_id": self.device_id}
        return self._begin_login(self._call("POST", "/api/auth/login", account))

    def refresh(self) -> Document:
        """Gets new tokens and returns the user. Requests do this automatically when the access token has expired."""
        token = {"refresh_token": self._state("refresh_token")}
        return self._keep_tokens(self._call("POST", "/api/auth/refresh", token))

    def begin_session(self, session_id: str, start_time: str | float, **fields: Any) -> None:
        """Starts a session. `start_time`: ISO 8601 or epoch milliseconds; `fields`: sample_rate, notes and so on."""
        self._set_fields(session_id, {"start_time": start_time} | fields)

    def change_session(self, session_id: str, **fields: Any) -> None:
        """Sets fields of a session of this phone; `end_time` ends it. Raises KeyError for an unknown session."""
        self._check_begun(session_id)
        self._set_fields(session_id, fields)

    def record(self, session_id: str, sensor_type: str, timestamp_ms: float, data: Document) -> None:
        """Stores a reading until it is pushed. It replaces a reading of the same sensor and time."""
        self.record_many(session_id, [(sensor_type, timestamp_ms, data)])

    def record_many(self, session_id: str, readings: Iterable[tuple[str, float, Document]]) -> None:
        """Stores readings (sensor type, epoch milliseconds, data) in one transaction."""
        self._check_begun(session_id)
        rows = ((session_id, sensor, _to_micros(at), json.dumps(data)) for sensor, at, data in readings)
        with self._db:
            self._db.executemany("insert or replace into recorded values (?, ?, ?, ?, null, 0)", rows)

    def sessions(self) -> list[Document]:
        """Returns the sessions of the server as of the latest pull."""
        return [json.loads(document) for (document,) in self._rows("select document from sessions order by session_id")]

    def readings(self, session_id: str) -> list[tuple[str, float, Document]]:
        """Returns the readings of a session: those of the latest pull, replaced by those still to be pushed."""
        columns = "select sensor_type, timestamp_ms, data from"
        pulled = self._rows(f"{columns} readings where session_id = ?", session_id)
        waiting = self._rows(f"{columns} recorded where session_id = ? and not is_acknowledged", session_id)
        newest = {(sensor, at): json.loads(data) for sensor, at, data in pulled + waiting}
        return [(sensor, at, newest[sensor, at]) for sensor, at in sorted(newest)]

    def delete_session(self, session_id: str) -> None:
        """Deletes a session here and on the server permanently; other devices delete it at their next pull."""
        try:
            self._call("DELETE", f"/api/sessions/{session_id}")
        except Refused as refused:
            if refused.status != 404:  # never pushed
                raise
        with self._db:
            self._drop(session_id)

    def push(self, on_reply: Callable[[Document], object] = lambda reply: None) -> Counter[str]:
        """Sends all data that is not yet acknowledged, batch by batch, and returns the summed counts.

        If it raises, for example offline, the rest stays in the outbox and the next push continues with it.
        """
        counts: Counter[str] = Counter()
        while batch := self._batch_under_way() or self._next_batch():
            if reply := self._send(batch):
                counts.update({name: reply[name] for name in ("inserted", "updated", "duplicates", "errors")})
                on_reply(reply)
        return counts

    def pull(self, *, own: bool = True, on_page: Callable[[Document], object] = lambda page: None) -> None:
        """Pulls all changes. `own=False` omits readings that this phone pushed and therefore already has."""
        # A push in progress is finished first, so that everything pulled afterwards is newer than it.
        if batch := self._batch_under_way():
            self._send(batch)
        try:
            self._pull_changes(own, on_page)
        except Refused as refused:
            if refused.problem != "resync":
                raise
            self._start_resync()
            self._pull_changes(own, on_page)
            self.push()

    def _batch_under_way(self) -> Batch | None:
        return next((Batch(*row) for row in self._rows("select push_id, session_id, body from batch")), None)

    def _next_batch(self) -> Batch | None:
        """Creates a batch from the outbox of one session and stores it before it is sent for the first time."""
        columns = "select session_id from"
        waiting = f"{columns} recorded where not is_acknowledged union all {columns} fields where not is_acknowledged"
        for (session_id,) in self._rows(f"{waiting} limit 1"):
            push_id = str(uuid.uuid4())
            with self._db:
                body = self._body(session_id, push_id)
                batch = Batch(push_id, session_id, json.dumps(body).encode())
                self._db.execute("insert into batch values (?, ?, ?)", batch)
            return batch
        return None

    def _body(self, session_id: str, push_id: str) -> Document:
        """Returns the body of a push and marks its fields and readings with the push_id."""
        fields = self._rows(
            "update fields set push_id = ? where session_id = ? and (not is_acknowledged or name = 'start_time')"
            " returning name, value",
            push_id, session_id,
        )  # fmt: skip
        readings = self._rows(
            "select sensor_type, timestamp_ms, data from recorded where session_id = ? and not is_acknowledged limit ?",
            session_id, self.batch_size,
        )  # fmt: skip
        self._db.executemany(
            "update recorded set push_id = ? where session_id = ? and sensor_type = ? and timestamp_ms = ?",
            [(push_id, session_id, sensor, at) for sensor, at, _ in readings],
        )
        session = {"session_id": session_id} | {name: json.loads(value) for name, value in fields}
        items = [{"sensor_type": sensor, "timestamp": at, "data": json.loads(data)} for sensor, at, data in readings]
        if self._has_blocks():
            items = _as_blocks(items)
        return {"session": session, "push_id": push_id, "sensor_data": items}

    def _send(self, batch: Batch) -> Document | None:
        """Returns the reply, or None if another device deleted the session. Raises Refused."""
        try:
            reply = self._call("POST", "/api/sync/push", batch.body)
        except Refused as refused:
            with self._db:
                if refused.problem == "session-deleted":
                    self._drop(batch.session_id)
                    return None
                if refused.status in FINAL:
                    self._end(batch, is_acknowledged=False)
            raise
        with self._db:
            self._acknowledge(batch, reply)
        return reply

    def _acknowledge(self, batch: Batch, reply: Document) -> None:
        items = dict(enumerate(_readings(json.loads(batch.body)["sensor_data"])))
        refused = reply["rejected"] + _unnamed(items, reply)
        for rejected in refused:
            item = items.pop(rejected["index"])
            self.rejected.append({"session_id": batch.session_id} | item | rejected)
            self._db.execute(
                "delete from recorded where push_id = ? and sensor_type = ? and timestamp_ms = ?",
                [batch.push_id, item["sensor_type"], item["timestamp"]],
            )
        # A reply lists only the first rejected readings. The others are sent again until all have been listed.
        is_acknowledged = reply["errors"] == len(refused)
        if is_acknowledged:
            self._keep_readings(batch.session_id, items.values())
        self._end(batch, is_acknowledged)

    def _end(self, batch: Batch, is_acknowledged: bool) -> None:
        """Finishes a batch. Readings recorded again in the meantime have no push_id and stay in the outbox."""
        for table in ("fields", "recorded"):
            statement = f"update {table} set push_id = null, is_acknowledged = ? where push_id = ?"  # noqa: S608
            self._db.execute(statement, [is_acknowledged, batch.push_id])
        self._db.execute("delete from batch")

    def _pull_changes(self, own: bool, on_page: Callable[[Document], object]) -> None:
        name = f"cursor own={own}"
        is_midway = f"cursor own={own} is midway"
        # An interrupted pull is finished first; a second pull then receives the latest changes.
        for _ in range(2 if self._state(is_midway) else 1):
            has_more = True
            while has_more:
                asked = {"cursor": self._state(name), "own": own, "form": "columns"}
                page = self._call("POST", "/api/sync/pull", asked)
                has_more = page["has_more"]
                with self._db:
                    self._keep_page(page)
                    self._set_state(name, page["cursor"])
                    self._set_state(is_midway, has_more)
                on_page(page)
        if not own:
            self._complete()

    def _complete(self) -> None:
        """Pulls sessions completely if the phone lacks readings of them, e.g. its own after a reinstallation."""
        held = "select count(*) from readings where readings.session_id = sessions.session_id"
        lacking = f"select session_id from sessions where data_count > ({held})"  # noqa: S608
        for (session_id,) in self._rows(lacking):
            page: Document = {"cursor": None, "has_more": True}
            while page["has_more"]:
                wanted = {"cursor": page["cursor"], "session_ids": [session_id], "form": "columns"}
                page = self._call("POST", "/api/sync/pull", wanted)
                with self._db:
                    self._keep_page(page)

    def _start_resync(self) -> None:
        """After a restore of the server, forgets its data and returns all recorded data to the outbox."""
        with self._db:
            self._db.execute("delete from state where name like 'cursor%'")
            self._db.execute("delete from sessions")
            self._db.execute("delete from readings")
            self._db.execute("insert into readings select session_id, sensor_type, timestamp_ms, data from recorded")
            self._db.execute("update fields set is_acknowledged = 0")
            self._db.execute("update recorded set is_acknowledged = 0")

    def _keep_page(self, page: Document) -> None:
        for session_id in page["deleted"]:
            self._drop(session_id)
        for session in page["sessions"]:
            self._keep_readings(session["session_id"], _readings(session.pop("sensor_data", [])))
            # Archived readings can no longer be pulled.
            data_count = session["data_count"] - session.get("archived_count", 0)
            row = (session["session_id"], data_count, json.dumps(session))
            self._db.execute("insert or replace into sessions values (?, ?, ?)", row)

    def _keep_readings(self, session_id: str, items: Iterable[Document]) -> None:
        rows = ((session_id, item["sensor_type"], item["timestamp"], json.dumps(item["data"])) for item in items)
        self._db.executemany("insert or replace into readings values (?, ?, ?, ?)", rows)

    def _drop(self, session_id: str) -> None:
        for table in ("batch", "fields", "recorded", "sessions", "readings"):
            self._db.execute(f"delete from {table} where session_id = ?", [session_id])  # noqa: S608

    def _check_begun(self, session_id: str) -> None:
        if not self._rows("select 1 from fields where session_id = ?", session_id):
            raise KeyError(session_id)

    def _set_fields(self, session_id: str, fields: Document) -> None:
        rows = [(session_id, name, json.dumps(value)) for name, value in fields.items()]
        with self._db:
            self._db.executemany("insert or replace into fields values (?, ?, ?, null, 0)", rows)

    def _begin_login(self, answer: Document) -> Document:
        user = self._keep_tokens(answer)
        # A server that is older does not say in which forms it takes readings: then only one by one.
        forms = self._call("GET", "/api/sync/status").get("forms", ["rows"])
        with self._db:
            self._set_state("has_blocks", "columns" in forms)
        return user

    def _has_blocks(self) -> bool:
        return bool(self._state("has_blocks"))

    def _keep_tokens(self, answer: Document) -> Document:
        with self._db:
            self._set_state("access_token", answer["access_token"])
            self._set_state("refresh_token", answer["refresh_token"])
        user: Document = answer["user"]
        return user

    def _state(self, name: str) -> Any:
        return next((value for (value,) in self._rows("select value from state where name = ?", name)), None)

    def _set_state(self, name: str, value: Any) -> None:
        self._db.execute("insert or replace into state values (?, ?)", [name, value])

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        return self._db.execute(statement, values).fetchall()

    def _call(self, method: str, path: str, body: Document | bytes | None = None) -> Document:
        """Returns the answer. Retries temporary errors with growing pauses, `attempts` times in total."""
        for attempt in range(1, self.attempts + 1):
            wait = self.first_wait_s * 2**attempt * random.uniform(0.25, 0.5)  # noqa: S311
            try:
                reply = self._request(method, path, body)
            except httpx.TransportError:
                if attempt == self.attempts:
                    raise
            else:
                if reply.is_success:
                    return reply.json() if reply.content else {}
                if reply.status_code not in RETRYABLE or attempt == self.attempts:
                    raise Refused(reply)
                asked = reply.headers.get("Retry-After", "")
                wait = max(wait, float(asked)) if asked.isdigit() else wait
            time.sleep(min(wait, LONGEST_WAIT_S))
        raise ValueError("attempts must be 1 or more")

    def _request(self, method: str, path: str, body: Document | bytes | None) -> httpx.Response:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        content = gzip.compress(raw, mtime=0) if raw else b""
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"} if raw else {}
        if path.startswith("/api/auth/"):
            return self.http.request(method, path, content=content, headers=headers)
        headers["Authorization"] = f"Bearer {self._state('access_token')}"
        reply = self.http.request(method, path, content=content, headers=headers)
        if reply.status_code == 401 and self._state("refresh_token"):
            self.refresh()
            headers["Authorization"] = f"Bearer {self._state('access_token')}"
            reply = self.http.request(method, path, content=content, headers=headers)
        return reply


def _to_micros(timestamp_ms: float) -> float:
    """Rounds to microseconds as the server does, so that equal times are equal readings on both sides."""
    return timestamp_ms if isinstance(timestamp_ms, int) else round(timestamp_ms * 1000) / 1000
