"""Random histories: what devices, the network and the operator may do, in any order."""

import copy
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from koodtx.sync.session_context import SessionLabel
from tests.support.aliases import Document
from tests.sync.histories.device import Device, Push
from tests.sync.histories.harness import Harness

_BASE_MS = 1_792_000_000_000
_LABELS_END = datetime(2026, 10, 2, tzinfo=UTC)

# Few of everything, so that devices meet.
_session_ids = st.sampled_from(["s0", "s0", "s1", "s2"])
# What a sensor's value is called is decided by the first number, whichever device sends it.
_data = st.sampled_from(
    [{"x": 0.5}, {"x": 1.0}, {"x": 1.0, "note": "b"}, {"level": 7}, {}, {"level": None}, {"other": 3, "level": 7}]
)
_readings = st.fixed_dictionaries(
    {
        "sensor_type": st.sampled_from(["a", "a", "g"]),
        # The smallest step is a microsecond; the far one is in another chunk.
        "timestamp": st.sampled_from([0, 0.001, 1, 2, 1000, 2_000_000_000]).map(lambda ms: _BASE_MS + ms),
        "data": _data,
    }
)
_refused = st.sampled_from(
    [
        {"sensor_type": "a", "timestamp": 1, "data": {}},
        {"sensor_type": "", "timestamp": _BASE_MS, "data": {}},
        {"sensor_type": "a", "timestamp": _BASE_MS, "data": 5},
    ]
)
_batches = st.lists(st.one_of(_readings, _readings, _readings, _readings, _refused), max_size=5)
_fields = st.fixed_dictionaries(
    {"start_time": st.sampled_from(["2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z"])},
    optional={
        "end_time": st.sampled_from([None, "2026-10-03T00:00:00Z"]),
        "notes": st.sampled_from([None, "first", "second"]),
        "units": st.sampled_from([None, {"a": "g"}, {"a": "m/s2", "g": "g"}]),
        "device": st.sampled_from([None, {"model": "one"}, {"model": "two", "app_version": "2"}]),
    },
)
_labels = st.lists(
    st.builds(
        lambda label, hour: SessionLabel(label, datetime(2026, 10, 1, hour, tzinfo=UTC), _LABELS_END),
        st.sampled_from("ab"), st.integers(0, 2),
    ),
    max_size=2,
)  # fmt: skip
# How many statements run before others get their turn; mostly all.
_allowed = st.sampled_from([None, None, None, 0, 1, 2, 3, 3, 4, 4, 5])
# The last is the other owner's.
_numbers = st.sampled_from([0, 1, 2, 3, 0, 1, 2, 3, 4])


class Histories(RuleBasedStateMachine):
    """Drives the code of a world that a subclass names.

    Which rules may come next hangs on nothing that the database's pace could change, so a history can be repeated.
    """

    harness: Harness
    always_restores = False

    def __init__(self) -> None:
        super().__init__()
        self.harness.begin_history()
        self.push_ids = 0

    def device(self, number: int, *, is_busy: bool = False) -> Device | None:
        """One of the devices that are busy, or that are not."""
        devices = [device for device in self.harness.devices if device.is_busy == is_busy]
        return devices[number % len(devices)] if devices else None

    def new_push_id(self, device: Device) -> str:
        self.push_ids += 1
        return f"{device.name} {self.push_ids}"

    @initialize(may_restore=st.sampled_from([False, False, False, False, True]), deletes=st.sampled_from([0, 2]))
    def begin(self, may_restore: bool, deletes: int) -> None:
        """A restore takes time, and where all sessions are deleted little happens: neither in every history."""
        self.may_restore = may_restore or self.always_restores
        self.deletes = deletes

    @rule(
        number=_numbers, session_id=_session_ids, fields=_fields, items=_batches,
        has_push_id=st.booleans(), allowed=_allowed, is_lost=st.sampled_from([False, False, True]),
    )  # fmt: skip
    def push(
        self, number: int, session_id: str, fields: Document, items: list[Document], has_push_id: bool,
        allowed: int | None, is_lost: bool,
    ) -> None:  # fmt: skip
        device = self.device(number)
        if device is None:
            return
        if device.unanswered is not None:
            self.harness.push(device, device.unanswered, allowed=allowed, is_lost=is_lost)
            return
        body: dict[str, Any] = {"session": {"session_id": session_id} | fields, "sensor_data": items}
        if has_push_id:
            body["push_id"] = self.new_push_id(device)
        self.harness.push(device, Push(body), allowed=allowed, is_lost=is_lost)

    @rule(number=_numbers, session_id=_session_ids, items=_batches, has_push_id=st.booleans())
    def push_at_once(self, number: int, session_id: str, items: list[Document], has_push_id: bool) -> None:
        """The common case."""
        self.push(number, session_id, {"start_time": "2026-10-01T00:00:00Z"}, items, has_push_id, None, False)

    @rule(number=_numbers, which=st.integers(0, 3), items=st.none() | _batches, allowed=_allowed)
    def push_again(self, number: int, which: int, items: list[Document] | None, allowed: int | None) -> None:
        """A push that was answered long ago; or its push_id with another body."""
        device = self.device(number)
        if device is None or device.unanswered is not None or not device.answered:
            return
        old = device.answered[which % len(device.answered)]
        if items is None:
            self.harness.push(device, old, allowed=allowed)
        else:
            self.harness.push(device, Push(old.body | {"sensor_data": items}), allowed=allowed)

    @rule(
        number=_numbers, session_id=_session_ids, items=_batches, allowed=_allowed,
        is_lost=st.sampled_from([False, False, True]), arrives=st.sampled_from([None, None, "before", "after"]),
    )  # fmt: skip
    def halve(
        self, number: int, session_id: str, items: list[Document], allowed: int | None, is_lost: bool,
        arrives: str | None,
    ) -> None:  # fmt: skip
        """A push times out on its way, and the device sends its readings in halves; it may still arrive."""
        device = self.device(number)
        if device is None:
            return
        if device.unanswered is None:
            session = {"session_id": session_id, "start_time": "2026-10-01T00:00:00Z"}
            body = {"session": session, "push_id": self.new_push_id(device), "sensor_data": items}
            device.unanswered = Push(body, has_blocks=device.has_blocks)
        if "push_id" not in device.unanswered.body:
            return
        device.halve((self.new_push_id(device), self.new_push_id(device)))
        assert device.unanswered is not None
        if arrives == "before":
            self.harness.arrive(device, -1)
        if not device.is_busy:
            self.harness.push(device, device.unanswered, allowed=allowed, is_lost=is_lost)
        if arrives == "after" and not device.is_busy:
            self.harness.arrive(device, -1)

    @rule(number=_numbers, which=st.integers(0, 3), allowed=_allowed)
    def arrive_late(self, number: int, which: int, allowed: int | None) -> None:
        device = self.device(number)
        if device is not None and device.late:
            self.harness.arrive(device, which, allowed=allowed)

    @rule(
        number=_numbers, page_size=st.integers(1, 2), max_readings=st.integers(1, 4),
        allowed=_allowed, keep_time=st.booleans(), is_lost=st.sampled_from([False, False, False, True]),
    )  # fmt: skip
    def pull(
        self, number: int, page_size: int, max_readings: int, allowed: int | None, keep_time: bool, is_lost: bool
    ) -> None:
        device = self.device(number)
        # A device that leaves out its own readings must know first whether its last push was stored.
        if device is None or (device.unanswered is not None and not device.own):
            return
        self.harness.pull(device, page_size, max_readings, allowed=allowed, keep_time=keep_time, is_lost=is_lost)

    @rule(max_readings=st.integers(2, 6))
    def all_pull_to_the_end(self, max_readings: int) -> None:
        for device in self.harness.devices:
            if not device.is_busy and device.unanswered is None:
                self.harness.pull_all(device, 2, max_readings)

    @rule(number=_numbers, session_id=_session_ids, items=_batches, other=_session_ids, statements=st.integers(1, 5))
    def push_held_open(self, number: int, session_id: str, items: list[Document], other: str, statements: int) -> None:
        """A push whose transaction stays open while others push and pull, and which then goes on."""
        device = self.device(number)
        if device is None or device.unanswered is not None:
            return
        session = {"session_id": session_id, "start_time": "2026-10-01T00:00:00Z"}
        self.harness.push(device, Push({"session": session, "sensor_data": items}), allowed=statements)
        self.push_at_once(number + 1, other, items, True)
        self.all_pull_to_the_end(6)
        if device.operation is not None:
            self.harness.resume(device, None)

    @rule(
        number=_numbers, session_id=_session_ids, items=_batches, statements=st.integers(1, 5), keep_time=st.booleans()
    )
    def pull_held_open(
        self, number: int, session_id: str, items: list[Document], statements: int, keep_time: bool
    ) -> None:
        """A page of a pull that stops while others push, and then goes on."""
        device = self.device(number)
        if device is None or device.unanswered is not None:
            return
        self.harness.pull(device, 1, 2, allowed=statements, keep_time=keep_time)
        self.push_at_once(number + 1, session_id, items, True)
        if device.operation is not None:
            self.harness.resume(device, None)

    @rule(number=_numbers, statements=_allowed)
    def resume(self, number: int, statements: int | None) -> None:
        device = self.device(number, is_busy=True)
        if device is not None:
            self.harness.resume(device, statements)

    @rule(number=_numbers)
    def kill(self, number: int) -> None:
        device = self.device(number, is_busy=True)
        if device is not None and device.operation is not None and device.operation.is_paused:
            self.harness.kill(device)

    @precondition(lambda self: self.deletes > 0)
    @rule(number=_numbers, which=st.integers(0, 2), allowed=_allowed, is_pulled=st.booleans())
    def delete(self, number: int, which: int, allowed: int | None, is_pulled: bool) -> None:
        """Mostly of a session that is there, and that others have."""
        self.deletes -= 1
        device = self.device(number)
        if device is None or device.unanswered is not None:
            return
        known = sorted(self.harness.models[device.owner].sessions)
        if is_pulled:
            self.all_pull_to_the_end(6)
        self.harness.delete(device, known[which % len(known)] if known else "s0", allowed=allowed)

    @rule(number=_numbers, session_id=_session_ids, notes=st.sampled_from(["third", "fourth"]), allowed=_allowed)
    def annotate(self, number: int, session_id: str, notes: str, allowed: int | None) -> None:
        device = self.device(number)
        if device is not None:
            self.harness.annotate(device, session_id, notes, allowed=allowed)

    @rule(number=_numbers, session_id=_session_ids, labels=_labels, allowed=_allowed)
    def label(self, number: int, session_id: str, labels: list[SessionLabel], allowed: int | None) -> None:
        device = self.device(number)
        if device is not None:
            self.harness.label(device, session_id, labels, allowed=allowed)

    @rule(number=_numbers, happens=st.sampled_from(["erase", "keep a copy", "crash", "push held"]))
    def aside(self, number: int, happens: str) -> None:
        """Erasure goes on; a device keeps a copy of what it pulled, or falls back to it; or pushes after a restore."""
        device = self.device(number)
        if happens == "erase":
            self.harness.erase()
        elif device is not None and happens == "push held" and device.unanswered is None:
            self.harness.push_held(device)
        elif device is not None and happens == "crash" and device.own:
            device.mirror = copy.deepcopy(device.older)
        elif device is not None and happens == "keep a copy":
            device.older = copy.deepcopy(device.mirror)

    @precondition(lambda self: self.may_restore and not self.harness.has_dump)
    @rule()
    def dump(self) -> None:
        self.may_restore = False
        self.harness.dump()

    @precondition(lambda self: self.harness.has_dump)
    @rule()
    def restore(self) -> None:
        self.harness.restore()

    def teardown(self) -> None:
        try:
            if not self.harness.has_failed:
                self.harness.check()
        finally:
            self.harness.end_history()
