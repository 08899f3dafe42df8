"""A real database with the sync code on it, two owners' devices, and the model of what has to come of it."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from koodtx.accounts.caller import Caller
from koodtx.database.pool import make_pool
from koodtx.database.query import translated
from koodtx.errors import KoodtxError
from koodtx.sessions import store as sessions
from koodtx.settings import Settings
from koodtx.sync.errors import PushIdReused, PushReplaced, Resync, SessionDeleted
from koodtx.sync.messages import SyncPullRequest
from koodtx.sync.pull import page as pages
from koodtx.sync.pull import stream
from koodtx.sync.push import receive
from koodtx.sync.session_context import SessionLabel
from tests.support.aliases import Document
from tests.sync.histories.device import Device, Push
from tests.sync.histories.model import Model
from tests.sync.histories.steps import Operation, SteppedConnection

# How long work may take that neither stops nor waits for a lock.
_PATIENCE_S = 20

# The last device is the second owner's.
_DEVICES = ["plain", "without own", "simple", "some sessions", "stranger"]
_MAKE_OWNERS = """
with owners as materialized (
    select n, app.create_user(%(name)s || n, %(name)s || n || '@example.org', '', 'user', 'UTC') as id
    from generate_series(0, 1) as n
)
insert into app.devices (user_id, device_id)
select owners.id, d.name from unnest(%(devices)s::text[]) with ordinality as d (name, place)
join owners on owners.n = (d.place = cardinality(%(devices)s::text[]))::integer
order by d.place
returning user_id, id
"""

Work = Callable[[], Coroutine[Any, Any, Any]]


class Harness:
    """One database, used by many histories one after another, each with accounts of its own.

    `failure`: the first thing that went wrong, in any of them.
    `make_settings`: for a database by its owner's URL. `counts_readings`: whether
    change_sequences.reading_count is checked.
    """

    def __init__(self, url: str, make_settings: Callable[[str], Settings], *, counts_readings: bool = True) -> None:
        self.counts_readings = counts_readings
        self.histories = 0
        self.has_failed = False
        self.is_restored = False
        self.devices: list[Device] = []
        self.models: list[Model] = []
        self.failure: BaseException | None = None
        self._operations: list[Operation] = []
        self._url = url
        self._make_settings = make_settings
        self._runner = asyncio.Runner()
        self._dump: tuple[str, list[Model]] | None = None
        self._made: list[str] = []
        self._open(url)

    def _open(self, url: str) -> None:
        self._owner_url = url
        self.settings = self._make_settings(url)
        self.owner = psycopg.connect(url, autocommit=True)
        # As every process does at its start: a copied database becomes a new generation.
        self.owner.execute("select app.renew_sync_epoch()")
        self._pool = make_pool(self.settings)
        self._pool.connection_class = SteppedConnection
        self._changed = asyncio.Event()
        self._runner.run(self._pool.open())

    def _close(self) -> None:
        self._runner.run(self._pool.close())
        self.owner.close()

    def close(self) -> None:
        self._close()
        self._runner.close()
        self._drop_copies(self._made)

    def _drop_copies(self, names: list[str]) -> None:
        with psycopg.connect(self._url, dbname="postgres", autocommit=True) as connection:
            for name in names:
                connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    # Histories

    def begin_history(self) -> None:
        """Two owners, four devices of the first and one of the second, each with another way to pull."""
        self.histories += 1
        self.has_failed = False
        self.is_restored = False
        self._dump = None
        self.models = [Model(), Model()]
        rows = self.owner.execute(_MAKE_OWNERS, {"name": uuid4().hex, "devices": _DEVICES}).fetchall()
        callers = [Caller(user_id, "user", device_id, UUID(int=0)) for user_id, device_id in rows]
        self.devices = [
            Device("plain", 0, callers[0]),
            Device("without own", 0, callers[1], own=False, has_blocks=True),
            Device("simple", 0, callers[2], is_simple=True, has_blocks=True),
            Device("some sessions", 0, callers[3], session_ids=["s0", "s1"]),
            Device("stranger", 1, callers[4]),
        ]

    def end_history(self) -> None:
        """Ends what is left under way of a history that failed, and what went on behind an operation's back."""
        for operation in self._operations:
            operation.allow(None)
        self._operations.clear()
        for device in self.devices:
            if device.operation is not None:
                device.operation.task.cancel()
        self._runner.run(self._wait([d.operation for d in self.devices if d.operation is not None], forgive=True))
        self.devices = []
        current = conninfo_to_dict(self._owner_url)["dbname"]
        if unused := [name for name in self._made if name != current]:
            self._drop_copies(unused)
            self._made = [name for name in self._made if name == current]

    # Operations

    def start(self, device: Device, work: Work, allowed: int | None, before_commit: Callable[[], None]) -> None:
        """Begins some work of a device; returns when all work is done, paused or waiting for a lock."""

        async def begin() -> None:
            device.operation = Operation(work, allowed, self._changed, before_commit)
            self._operations.append(device.operation)

        self._runner.run(begin())
        self.settle()

    def resume(self, device: Device, statements: int | None) -> None:
        assert device.operation is not None
        device.operation.allow(statements)
        self.settle()

    def kill(self, device: Device) -> None:
        """As when the server dies in the midst of it. Work that is paused has not come to its COMMIT."""
        assert device.operation is not None
        device.operation.task.cancel()
        self._runner.run(self._wait([device.operation], forgive=True))
        device.operation = None
        self.settle()

    def finish_all(self) -> None:
        for _ in range(len(self.devices)):
            for device in self.devices:
                if device.operation is not None:
                    device.operation.allow(None)
            self.settle()
        assert not any(device.is_busy for device in self.devices), "work that cannot end"

    def settle(self) -> None:
        """Waits until all work is done, paused or waiting for a lock; raises what went wrong in any."""
        self._runner.run(self._settle())
        for device in self.devices:
            if device.operation is not None and device.operation.task.done():
                operation, device.operation = device.operation, None
                if error := operation.task.exception():
                    self.has_failed = True
                    self.failure = self.failure or error
                    raise error

    async def _settle(self) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            while moving := [d for d in self.devices if d.operation is not None and not d.operation.is_at_rest]:
                self._changed.clear()
                try:
                    await asyncio.wait_for(self._changed.wait(), 0.003)
                except TimeoutError:
                    if self._blocked() == len(moving):
                        return

    def _blocked(self) -> int:
        row = self.owner.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and wait_event_type = 'Lock' and cardinality(pg_blocking_pids(pid)) > 0"
        ).fetchone()
        assert row is not None
        return int(row[0])

    async def _wait(self, operations: list[Operation], forgive: bool) -> None:
        await asyncio.gather(*(operation.task for operation in operations), return_exceptions=forgive)

    # What devices do

    def push(self, device: Device, pushed: Push, *, allowed: int | None = None, is_lost: bool = False) -> None:
        """A push; `is_lost`: its reply does not arrive."""
        is_first_answer = pushed not in device.answered
        device.unanswered = pushed
        pushed.has_blocks = device.has_blocks

        def before_commit() -> None:
            pushed.expected = self.models[device.owner].push(pushed.body)

        async def work() -> None:
            pushed.expected = None
            try:
                answer = await receive.receive(self._pool, self.settings, device.caller, pushed.raw, None)
            except (KoodtxError, psycopg.Error) as error:
                self._check_rejection(device, pushed, error)
                return
            reply = msgspec.to_builtins(answer)
            check_reply(pushed, reply)
            if not is_lost:
                device.end_push()
                device.take_reply(pushed, reply, is_first_answer)
                device.answered.append(pushed)

        self.start(device, work, allowed, before_commit)

    def _check_rejection(self, device: Device, pushed: Push, raised: KoodtxError | psycopg.Error) -> None:
        """A push is refused when its session was deleted, or its push_id had another body."""
        error = raised if isinstance(raised, KoodtxError) else translated(raised)
        model = self.models[device.owner]
        if isinstance(error, SessionDeleted):
            assert model.is_deleted(pushed.session_id), "410 for a session that was not deleted"
            device.drop(pushed.session_id)
            device.end_push()
        elif isinstance(error, PushIdReused):
            session = model.sessions.get(pushed.session_id)
            known = session and (session.is_deleted or session.answered.get(pushed.body["push_id"]))
            device.end_push()
            assert known, "422 for a push_id that was not used"
            assert known is True or known[0] != pushed.body, "422 for the same body again"
        else:
            raise raised

    def arrive(self, device: Device, which: int, *, allowed: int | None = None) -> None:
        """A push that the device abandoned reaches the server after all; nobody waits for its reply."""
        pushed = device.late.pop(which % len(device.late))

        def before_commit() -> None:
            pushed.expected = self.models[device.owner].push(pushed.body)

        async def work() -> None:
            pushed.expected = None
            try:
                answer = await receive.receive(self._pool, self.settings, device.caller, pushed.raw, None)
            except (KoodtxError, psycopg.Error) as error:
                self._check_late_rejection(device, pushed, error)
                return
            check_reply(pushed, msgspec.to_builtins(answer))

        self.start(device, work, allowed, before_commit)

    def _check_late_rejection(self, device: Device, pushed: Push, raised: KoodtxError | psycopg.Error) -> None:
        """It is refused when it was replaced before, its push_id had another body, or its session was deleted."""
        error = raised if isinstance(raised, KoodtxError) else translated(raised)
        session = self.models[device.owner].sessions.get(pushed.session_id)
        if isinstance(error, SessionDeleted):
            assert session, "410 for a session that never was"
            assert session.is_deleted, "410 for a session that was not deleted"
        elif isinstance(error, PushReplaced):
            push_id = pushed.body["push_id"]
            assert session, "409 for a session that never was"
            assert session.is_deleted or push_id in session.replaced, "409 for a push that was not replaced"
            assert push_id not in session.answered, "409 for a push that was applied"
        elif isinstance(error, PushIdReused):
            assert session, "422 for a session that never was"
            known = session.answered.get(pushed.body["push_id"])
            assert known, "422 for a push_id that was not used"
            assert known[0] != pushed.body, "422 for the same body again"
        else:
            raise raised

    def pull(
        self, device: Device, page_size: int, max_readings: int, *,
        allowed: int | None = None, keep_time: bool = True, is_lost: bool = False,
    ) -> Document:  # fmt: skip
        """One page of a pull; what became of it, once it is done."""
        question = device.question(page_size, max_readings)
        outcome: Document = {}

        async def work() -> None:
            try:
                page = await self._read_page(device, question)
            except Resync:
                device.resync()
                outcome["has_more"] = True
                return
            if not is_lost:
                device.take_page(page, keep_time)
                outcome["has_more"] = page["has_more"]

        self.start(device, work, allowed, lambda: None)
        return outcome

    async def _read_page(self, device: Device, question: Document) -> Document:
        request = msgspec.convert(question, SyncPullRequest)
        page = await pages.prepare(self._pool, self.settings, device.caller, request)
        pieces = [piece async for piece in stream.stream(self._pool, self.settings, device.caller, page)]
        read: Document = json.loads(b"".join(pieces))
        return read

    def pull_all(self, device: Device, page_size: int, max_readings: int) -> None:
        """Pages until there is no more; as nobody else writes, their number is bounded."""
        for _ in range(200):
            if not self.pull(device, page_size, max_readings)["has_more"]:
                break
        else:
            raise AssertionError("a pull has no end")
        if not device.own:
            for session_id in device.lacking():
                self._fetch(device, session_id)

    def _fetch(self, device: Device, session_id: str) -> None:
        """A session whole, with a cursor of its own."""
        question: Document = {"session_ids": [session_id], "cursor": None}

        async def work() -> None:
            device.mirror.store(await self._read_page(device, question))

        self.start(device, work, None, lambda: None)

    def delete(self, device: Device, session_id: str, *, allowed: int | None = None) -> None:
        def forget() -> None:
            device.drop(session_id)

        self._change(device, session_id, sessions.delete_session, (), Model.delete, forget, allowed)

    def annotate(self, device: Device, session_id: str, notes: str, *, allowed: int | None = None) -> None:
        self._change(device, session_id, sessions.annotate_session, (notes,), Model.annotate, lambda: None, allowed)

    def label(self, device: Device, session_id: str, labels: list[SessionLabel], *, allowed: int | None = None) -> None:
        self._change(device, session_id, sessions.set_labels, (labels,), Model.set_labels, lambda: None, allowed)

    def _change(
        self, device: Device, session_id: str, change: Callable[..., Any], values: tuple[Any, ...],
        model_change: Callable[..., bool], on_found: Callable[[], None], allowed: int | None,
    ) -> None:  # fmt: skip
        """A change of a session in a transaction of its own; what is not there, or no longer, is left alone."""
        model = self.models[device.owner]
        was_there = session_id in model.sessions
        found = False

        def before_commit() -> None:
            assert not found or model_change(model, session_id, *values), "a session was changed that is not there"

        async def work() -> None:
            nonlocal found
            async with self._pool.connection() as connection, connection.transaction():
                found = await change(connection, device.caller.user_id, session_id, *values)
            assert found or not was_there or model.is_deleted(session_id), "a session was not found"
            if found:
                on_found()

        self.start(device, work, allowed, before_commit)

    def erase(self) -> None:
        """What runs behind the API: readings of deleted sessions go."""
        self._runner.run(sessions.erase_deleted(self._pool))

    # Dump and restore

    @property
    def has_dump(self) -> bool:
        return self._dump is not None

    def dump(self) -> None:
        """Copies the whole database."""
        self.finish_all()
        name = f"koodtx_dump_{uuid4().hex}"
        self._close()
        with psycopg.connect(self._url, dbname="postgres", autocommit=True) as connection:
            source = str(conninfo_to_dict(self._owner_url)["dbname"])
            _copy_database(connection, source, name)
        self._made.append(name)
        self._dump = (name, [model.copy() for model in self.models])
        self._open(self._owner_url)

    def restore(self) -> None:
        """Continues with the copy. Devices whose pulls have no cursor cannot notice: they are reset."""
        assert self._dump is not None
        self.finish_all()
        self._close()
        self.is_restored = True
        name, self.models = self._dump
        self._dump = None
        self._open(make_conninfo(self._url, dbname=name))
        for device in self.devices:
            # What was under way to the old server.
            device.late.clear()
            if device.is_simple:
                device.resync()

    # The end

    def check(self) -> None:
        """Lets everything come to rest; then all devices, and the database, hold what the model does."""
        self.finish_all()
        self._bring_together()
        try:
            for device in self.devices:
                expected = self.models[device.owner].expected(device.session_ids)
                assert device.holds() == expected, device.name
            for owner, model in enumerate(self.models):
                self._check_stored(owner, model)
        except AssertionError as error:
            self.failure = self.failure or error
            raise

    def _bring_together(self) -> None:
        """Each device repeats what was not answered and pulls; after a restore it also pushes again what it holds."""
        for device in self.devices:
            while device.unanswered is not None:
                self.push(device, device.unanswered)
            while device.late:
                self.arrive(device, 0)
        if self.is_restored:
            for device in self.devices:
                self.pull_all(device, 100, 1000)
            for device in self.devices:
                self.push_held(device)
        # Twice: the first may only end a pull that started before the last change.
        for device in self.devices * 2:
            self.pull_all(device, 100, 1000)

    def push_held(self, device: Device) -> None:
        """After a restore: all that the device pushed before."""
        if not device.is_resyncing:
            return
        device.is_resyncing = False
        for session_id, readings in list(device.held.items()):
            items = [{"sensor_type": key[0], "timestamp": key[1], "data": data} for key, data in readings.items()]
            session = {"session_id": session_id, "start_time": "2026-10-01T00:00:00Z"}
            self.push(device, Push({"session": session, "sensor_data": items}))

    def _check_stored(self, owner: int, model: Model) -> None:
        user_id = next(device.caller.user_id for device in self.devices if device.owner == owner)
        row = self.owner.execute(
            "select case when %s then c.reading_count else count(d.recording_id) end, count(d.recording_id)"
            " from app.change_sequences as c"
            " left join app.recording_sessions as s on s.user_id = c.user_id and s.deleted_at is null"
            " left join app.sensor_data as d on d.recording_id = s.id where c.user_id = %s group by c.reading_count",
            [self.counts_readings, user_id],
        ).fetchone()
        stored = sum(len(session.readings) for session in model.sessions.values())
        assert row == (stored, stored), "readings counted and stored"


def check_reply(pushed: Push, reply: Document) -> None:
    """A reply must be the model's, and must not come before the commit."""
    assert pushed.expected is not None, "answered before its commit"
    found = {name: reply[name] for name in pushed.expected if name not in ("rejected", "replayed")}
    found["rejected"] = sorted(item["index"] for item in reply["rejected"])
    if reply.get("replayed"):
        found["replayed"] = True
    assert found == pushed.expected, "the counts of a push"


def _copy_database(connection: psycopg.Connection[Any], source: str, name: str) -> None:
    """TimescaleDB's workers, which come and go, keep a database from being copied: they are ended first."""
    statement = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(source))
    for attempt in range(20):
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [source])
        try:
            connection.execute(statement)
        except psycopg.errors.ObjectInUse:
            if attempt == 19:
                raise
        else:
            return
