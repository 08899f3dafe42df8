"""The SQLite file of an app, which several processes of it may open."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# How long one process waits for another: for a transaction; for an answer of the server.
LOCK_WAIT_S = 60
TURN_WAIT_S = 120

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
-- Recorded readings whose times the server does not accept: kept until a clock is right.
create table if not exists held (
    session_id text, sensor_type text, timestamp_ms, code text not null,
    primary key (session_id, sensor_type, timestamp_ms)
) without rowid;
create view if not exists outbox as
select session_id, sensor_type, timestamp_ms, data from recorded
where not is_acknowledged and not exists (
    select 1 from held
    where held.session_id = recorded.session_id and held.sensor_type = recorded.sensor_type
        and held.timestamp_ms = recorded.timestamp_ms
);
-- The push in progress, byte for byte; at most one. Those that were given up before it and may still arrive.
create table if not exists batch (push_id text primary key, session_id text not null, body blob not null);
create table if not exists abandoned (number integer primary key, push_id text not null, session_id text not null);
-- What the server has, as of the latest pull or push.
create table if not exists sessions (session_id text primary key, data_count integer not null, document text not null);
create table if not exists readings (
    session_id text, sensor_type text, timestamp_ms, data text not null,
    primary key (session_id, sensor_type, timestamp_ms)
) without rowid;
"""


class Busy(Exception):
    """Another process of the app is talking to the server: try again later."""


class Store:
    """`with store.db:` is a transaction."""

    def __init__(self, path: Path | str) -> None:
        self.db = sqlite3.connect(path, timeout=LOCK_WAIT_S)
        self.db.executescript(SCHEMA)
        # A lock that ends with its process, however that ends.
        turns = path if str(path) == ":memory:" else f"{path}-turn"
        self._turns = sqlite3.connect(turns, timeout=TURN_WAIT_S, isolation_level=None)

    def close(self) -> None:
        self.db.close()
        self._turns.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One process at a time: a batch belongs to it until it is acknowledged. Raises Busy."""
        try:
            self._turns.execute("begin immediate")
        except sqlite3.OperationalError as error:
            raise Busy from error
        try:
            yield
        finally:
            self._turns.execute("rollback")

    def rows(self, statement: str, *values: Any) -> list[Any]:
        return self.db.execute(statement, values).fetchall()

    def state(self, name: str) -> Any:
        return next((value for (value,) in self.rows("select value from state where name = ?", name)), None)

    def set_state(self, name: str, value: Any) -> None:
        self.db.execute("insert or replace into state values (?, ?)", [name, value])

    def drop(self, session_id: str) -> None:
        """Forgets a session that was deleted."""
        for table in ("batch", "abandoned", "fields", "recorded", "held", "sessions", "readings"):
            self.db.execute(f"delete from {table} where session_id = ?", [session_id])  # noqa: S608
