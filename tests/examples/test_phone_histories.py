"""Random histories of the reference phone: real HTTP to a real service, a network that loses, crashes, restores."""

import shutil
from collections import defaultdict
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from client import Phone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.examples.checked_transport import CheckedTransport
from tests.examples.restorable import RestorableDatabase
from tests.support.aliases import Document
from tests.support.settings import PASSWORD
from tests.sync.histories.device import shown
from tests.sync.histories.model import Key, Model

pytestmark = [pytest.mark.sync, pytest.mark.integration, pytest.mark.api]

_BASE_MS = 1_792_000_000_000
_numbers = st.integers(0, 2)
_session_ids = st.sampled_from(["s0", "s0", "s1"])
_readings = st.tuples(
    st.sampled_from(["a", "g"]),
    st.sampled_from([0, 0.25, 1, 2, 3, 2_000_000_000]).map(lambda ms: _BASE_MS + ms),
    st.sampled_from([{"x": 0.5}, {"x": 1.0}, {"note": "b", "level": 7}]),
)
_refused = st.sampled_from([("a", 1, {"x": 1.0}), ("", _BASE_MS, {"x": 1.0})])
_batches = st.lists(st.one_of(_readings, _readings, _readings, _refused), min_size=1, max_size=6)
_fields = st.fixed_dictionaries(
    {},
    optional={
        "notes": st.sampled_from(["first", "second"]),
        "units": st.sampled_from([{"a": "g"}, {"a": "m/s2", "g": "g"}]),
        "device": st.sampled_from([{"model": "one"}, {"model": "two", "app_version": "2"}]),
    },
)
_faults = st.lists(st.sampled_from(["", "request lost", "reply lost", "reply lost", "timeout", "late"]), max_size=3)


class PhoneHistories(RuleBasedStateMachine):
    """Three phones of an account, one of which leaves out its own readings when it pulls."""

    url: str
    database: RestorableDatabase
    folder: Path

    @initialize(may_restore=st.sampled_from([False, False, True]), may_delete=st.booleans())
    def begin(self, may_restore: bool, may_delete: bool) -> None:
        self.may_restore, self.may_delete = may_restore, may_delete
        self.dumped: Model | None = None
        self.transport = CheckedTransport(Model())
        self.http = httpx.Client(base_url=self.url, transport=self.transport)
        self.name = f"owner-{uuid4().hex}"
        # What each phone recorded, by session; it must not get lost while the phone lives.
        self.recorded: list[dict[str, dict[Key, Document]]] = [defaultdict(dict) for _ in range(3)]
        self.phones = [self.open(number) for number in range(3)]
        self.phones[0].register(self.name, f"{self.name}@example.org", PASSWORD)
        for phone in self.phones[1:]:
            phone.login(self.name, PASSWORD)
        # A phone that never pulled is not notified of a restore.
        for number in range(3):
            self.sync(number, "pull")

    def open(self, number: int) -> Phone:
        phone = Phone(self.http, self.folder / f"{self.name}-{number}.db", f"phone {number}", batch_size=3, attempts=2)
        phone.connection.first_wait_s = 0.001
        return phone

    def with_faults(self, number: int, work: str, faults: list[str]) -> None:
        """Pushes or pulls; what cannot be done now is done later."""
        self.transport.faults = faults
        try:
            self.sync(number, work)
        except httpx.TransportError:
            pass
        finally:
            self.transport.faults = []

    def sync(self, number: int, work: str) -> None:
        if work == "push":
            self.phones[number].push()
        else:
            self.phones[number].pull(own=number != 1)

    @rule(number=_numbers, session_id=_session_ids, readings=_batches, fields=_fields)
    def record(
        self, number: int, session_id: str, readings: list[tuple[str, float, Document]], fields: Document
    ) -> None:
        self.phones[number].begin_session(session_id, "2026-10-01T00:00:00Z", **fields)
        self.phones[number].record_many(session_id, readings)
        kept = {(sensor, at): data for sensor, at, data in readings if sensor and at > 1}
        self.recorded[number][session_id].update(kept)

    @rule(number=_numbers, faults=_faults)
    def push(self, number: int, faults: list[str]) -> None:
        self.with_faults(number, "push", faults)

    @rule(number=_numbers, faults=_faults)
    def pull(self, number: int, faults: list[str]) -> None:
        self.with_faults(number, "pull", faults)

    @rule()
    def arrive_late(self) -> None:
        """Requests that phones gave up reach the server after all."""
        self.transport.deliver_late()

    @precondition(lambda self: self.may_delete)
    @rule(number=_numbers, session_id=_session_ids)
    def delete(self, number: int, session_id: str) -> None:
        self.may_delete = session_id not in self.transport.model.sessions
        self.phones[number].delete_session(session_id)
        self.recorded[number].pop(session_id, None)

    @rule(number=_numbers)
    def crash(self, number: int) -> None:
        """The app is killed and started again."""
        self.phones[number].close()
        self.phones[number] = self.open(number)

    @rule(number=_numbers)
    def reinstall(self, number: int) -> None:
        """All that it held is gone, once it was pushed."""
        self.sync(number, "push")
        self.phones[number].close()
        (self.folder / f"{self.name}-{number}.db").unlink()
        self.recorded[number].clear()
        self.phones[number] = self.open(number)
        self.phones[number].login(self.name, PASSWORD)
        self.sync(number, "pull")

    @precondition(lambda self: self.may_restore)
    @rule()
    def dump(self) -> None:
        self.may_restore = False
        self.database.dump()
        self.dumped = self.transport.model.copy()

    @precondition(lambda self: self.dumped is not None)
    @rule()
    def restore(self) -> None:
        assert self.dumped is not None
        self.transport.late.clear()
        self.database.restore()
        self.transport.model, self.dumped = self.dumped, None
        for phone in self.phones:
            # Tokens of the time since the dump are unknown now.
            phone.login(self.name, PASSWORD)

    def teardown(self) -> None:
        try:
            for work in ("push", "pull", "push", "pull"):
                for number in range(3):
                    self.sync(number, work)
            # By now each push that was given up was replaced, or had been applied before.
            self.transport.deliver_late()
            for number in range(3):
                self.sync(number, "pull")
            self.check()
        finally:
            for phone in self.phones:
                phone.close()
            self.http.close()
            shutil.rmtree(self.folder)
            self.folder.mkdir()

    def check(self) -> None:
        expected = self.transport.model.expected(None)
        for phone in self.phones:
            held = {
                session["session_id"]: (shown(session), as_dict(phone, session["session_id"]))
                for session in phone.sessions()
            }
            assert held == expected, phone.device_id
        for recorded in self.recorded:
            for session_id, readings in recorded.items():
                session = self.transport.model.sessions[session_id]
                assert session.is_deleted or readings.keys() <= session.readings.keys(), "a reading got lost"


def as_dict(phone: Phone, session_id: str) -> dict[Key, Document]:
    """What the phone has of a session, without what the server does not take for its time."""
    held = {(item["session_id"], item["sensor_type"], item["timestamp"]) for item in phone.held()}
    readings = phone.readings(session_id)
    return {(sensor, at): data for sensor, at, data in readings if (session_id, sensor, at) not in held}


@pytest.fixture
def machine(service_url: str, database: RestorableDatabase, tmp_path: Path) -> type[PhoneHistories]:
    folder = tmp_path / "phones"
    folder.mkdir()
    return type("Machine", (PhoneHistories,), {"url": service_url, "database": database, "folder": folder})


def test_phone_histories(machine: type[PhoneHistories]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=3, stateful_step_count=20))


@pytest.mark.long
def test_more_phone_histories(machine: type[PhoneHistories]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=8, stateful_step_count=20))


@pytest.mark.deep
def test_many_phone_histories(machine: type[PhoneHistories]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=500, stateful_step_count=30))
