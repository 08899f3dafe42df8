"""What may happen to readings, in any order."""

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.rollups.harness import Harness
from tests.support.aliases import Document

# 2025-06-02T00:00Z; a few times around the start of days, hours and minutes, so that histories meet.
_MIDNIGHT_MS = 1_748_822_400_000
_DAYS = [-86_400_000, 0, 86_400_000]
_OFFSETS = [0, 0.001, 10, 59_999.999, 60_000, 3_599_999, 3_600_000, 43_200_000, 86_399_999.999]

# Far from zero and close together, where a sum of squares has no digits left.
_axis = st.integers(-40, 40).map(lambda n: n / 8) | st.integers(-4, 4).map(lambda n: 1_000_000 + n / 16)
_data: dict[str, st.SearchStrategy[Document]] = {
    "accelerometer": st.fixed_dictionaries({"x": _axis, "y": _axis}, optional={"z": _axis}),
    "pressure": st.fixed_dictionaries({"pressure": _axis}),
    "gps": st.fixed_dictionaries(
        {"latitude": st.sampled_from([37.5, 37.5001, 38])},
        optional={
            "longitude": st.sampled_from([127, 127.0001, 200]),
            "accuracy": st.sampled_from([-1, 5, 25]),
            "speed": st.sampled_from([-1, 0, 1.5, 3]),
            "altitude": _axis,
        },
    ),
    # Numbers come late, and under one key or another: some are in a column, some are not.
    "strap": st.dictionaries(st.sampled_from(["bpm", "battery"]), st.none() | st.just("searching") | _axis),
}
_times = st.builds(lambda day, offset: _MIDNIGHT_MS + day + offset, st.sampled_from(_DAYS), st.sampled_from(_OFFSETS))
# Positions more often: a distance needs several of them, before and after an archived day.
_items = st.sampled_from(["gps", "gps", *_data]).flatmap(
    lambda sensor: st.fixed_dictionaries({"sensor_type": st.just(sensor), "timestamp": _times, "data": _data[sensor]})
)
_names = st.sampled_from(["s0", "s1"])


class Histories(RuleBasedStateMachine):
    """One history. After each step every bucket is compared."""

    harness: ClassVar[Harness]

    @initialize()
    def begin(self) -> None:
        self.harness.begin_history()

    @rule(name=_names, items=st.lists(_items, min_size=1, max_size=12), is_over=st.booleans())
    def push(self, name: str, items: list[Document], is_over: bool) -> None:
        """Includes late readings and corrections of earlier ones."""
        self.harness.push(name, items, is_over=is_over)

    @rule(name=_names)
    def archive(self, name: str) -> None:
        self.harness.archive(name)

    @rule(name=_names, items=st.lists(_items, min_size=1, max_size=6))
    def archive_and_push(self, name: str, items: list[Document]) -> None:
        """A phone that is online again after its session was archived."""
        self.harness.archive(name)
        self.harness.push(name, items, is_over=True)

    @rule()
    def refresh(self) -> None:
        self.harness.refresh()

    @rule(is_idle=st.booleans())
    def store(self, is_idle: bool) -> None:
        """The job of editions without continuous aggregates."""
        self.harness.store(is_idle=is_idle)

    @rule(name=_names, items=st.lists(_items, min_size=1, max_size=3))
    def store_and_push(self, name: str, items: list[Document]) -> None:
        """Late readings of hours that are stored."""
        self.harness.store(is_idle=True)
        self.harness.push(name, items, is_over=True)

    @rule()
    def compress(self) -> None:
        self.harness.compress()

    @rule(name=_names, is_erased=st.booleans(), happens=st.integers(0, 3))
    def delete(self, name: str, is_erased: bool, happens: int) -> None:
        """Rare, because the session is unused afterwards."""
        if happens == 0:
            self.harness.delete(name, is_erased=is_erased)

    @invariant()
    def rollups_are_those_of_the_readings(self) -> None:
        if getattr(self.harness, "sessions", None):
            self.harness.check()


def machine_of(harness: Harness) -> Any:
    return type("Machine", (Histories,), {"harness": harness})
