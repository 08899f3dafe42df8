"""What phones recorded and the server accepted, and what every number made of it has to be, from the readings alone."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.oracles.rollup_reports import (
    AXES,
    EXTRA_AXES,
    Point,
    axes,
    by_bucket,
    chart,
    day_of_sensor,
    instant,
    local_date,
    rate_hz,
)
from tests.oracles.rollups import Reading, channel, partials
from tests.oracles.track import add, total
from tests.rollups.model import MINUTE, WIDTHS, Key, Session
from tests.support.aliases import Document

Rows = dict[tuple[Any, ...], Document]

VALUE_KEYS = {"accelerometer": "value", "pressure": "pressure", "gps": "value"}
_VIEWS = {"rollup_minute": "minute", "rollup_hour": "hour", "rollup_day": "day"}
# They are added up in another order there.
_SUMS = (
    "mean", "std", "rate_hz", "seconds", "distance_m", "raw_m", "gated_m", "moving_m", "raw_distance_m",
    "moving_distance_m", "unjoined_s",
)  # fmt: skip
_LONG_S = 1e9


@dataclass
class Recording:
    """A session as the server knows it. `pending`: readings that its aggregates lack until they are refreshed."""

    user_id: int
    model: Session = field(default_factory=Session)
    pending: set[Key] = field(default_factory=set)

    def sensors(self, *, with_pending: bool = False) -> dict[str, list[Reading]]:
        found = defaultdict(list)
        for (sensor, micros), data in self.model.readings.items():
            if with_pending or (sensor, micros) not in self.pending:
                found[sensor].append((micros, data))
        return found

    def points(self, sensor: str, *, is_coarse: bool) -> Iterator[Point]:
        """What a chart is made of: whole minutes if it is coarse or the readings are archived."""
        key = VALUE_KEYS[sensor]
        for micros, data in self.sensors(with_pending=True).get(sensor, []):
            is_archived = self.model.is_archived((sensor, micros))
            at = micros - micros % MINUTE if is_coarse or is_archived else micros
            is_shown = not is_coarse or (sensor, micros) not in self.pending
            for axis in AXES if is_shown else ():
                if (value := channel(data, axis, key)) is not None:
                    yield at, key if axis == "value" else axis, value
            yield from ((at, axis, value) for axis in EXTRA_AXES if (value := channel(data, axis, key)) is not None)


@dataclass
class ExpectedRollups:
    """Sessions by their number in the database, users' zones and sensor types' numbers by theirs."""

    zones: dict[int, str] = field(default_factory=dict)
    types: dict[tuple[int, str], int] = field(default_factory=dict)
    recordings: dict[int, Recording] = field(default_factory=dict)

    def views(self) -> Iterator[tuple[str, Rows]]:
        yield (
            "rollup_partials",
            {
                (session, self._type(session, sensor), width // MINUTE, instant(at)): self._partials(
                    session, readings, sensor
                )
                for width in WIDTHS.values()
                for session, sensor, at, readings in self._buckets(width)
            },
        )
        for view, level in _VIEWS.items():
            yield (
                view,
                {
                    (session, self._type(session, sensor), instant(begin), row["axis"]): self._about(session, sensor)
                    | {"readings": len(readings), "rate_hz": rate_hz(readings)}
                    | _without(row, "axis")
                    for session, sensor, begin, readings in self._buckets(WIDTHS[level])
                    for row in axes(readings, VALUE_KEYS[sensor], self._axes(session, sensor, begin))
                },
            )
        yield "sensor_distance", dict(self._distances())

    def days_of_sensors(self, zone: str | None) -> Rows:
        """Zone None: the user's."""
        return self._days_of_axes(zone, AXES, with_pending=False) | self._days_of_axes(
            zone, EXTRA_AXES, with_pending=True
        )

    def _days_of_axes(self, zone: str | None, names: tuple[str, ...], *, with_pending: bool) -> Rows:
        """What is computed from readings does not wait for a refresh."""
        days: dict[tuple[Any, ...], list[Reading]] = defaultdict(list)
        for session, recording in self.recordings.items():
            for sensor, readings in recording.sensors(with_pending=with_pending).items():
                for micros, data in readings:
                    day = local_date(micros, zone or self.zones[recording.user_id])
                    days[session, day, sensor].append((micros, data))
        return {
            (*key, row["axis"]): _without(row, "axis", "place", "moments")
            for key, readings in days.items()
            for row in axes(readings, VALUE_KEYS[key[2]], names)
        }

    def days_of_users(self) -> Rows:
        days: dict[tuple[Any, ...], dict[int, list[Reading]]] = defaultdict(lambda: defaultdict(list))
        lengths: dict[tuple[Any, ...], list[float | None]] = defaultdict(list)
        for session, recording in self.recordings.items():
            zone = self.zones[recording.user_id]
            minutes = {
                (sensor, micros - micros % MINUTE)
                for sensor, readings in recording.sensors().items()
                for micros, _ in readings
            }
            for sensor, readings in recording.sensors().items():
                for micros, data in readings:
                    days[recording.user_id, local_date(micros, zone), sensor][session].append((micros, data))
            for (sensor, minute), row in recording.model.distances().items():
                if sensor == recording.model.counted() and (sensor, minute) in minutes:
                    lengths[recording.user_id, local_date(minute, zone), sensor].append(row["gated_m"])
        return {key: day_of_sensor(list(sessions.values()), lengths[key]) for key, sessions in days.items()}

    def totals(self) -> Rows:
        """Of all sessions of a user: what generate_statistics has of their distances, by user."""
        rows = defaultdict(list)
        for recording in self.recordings.values():
            counted = recording.model.counted()
            found = [row for (sensor, _), row in recording.model.distances().items() if sensor == counted]
            rows[recording.user_id].append(total(found))
        return {
            (user_id,): {
                "distance_m": add(row["gated_m"] for row in found),
                "raw_distance_m": add(row["raw_m"] for row in found),
                "moving_distance_m": add(row["moving_m"] for row in found),
                "unjoined_s": add(row["unjoined_s"] for row in found),
            }
            for user_id, found in rows.items()
        }

    def sums(self) -> Rows:
        """Of each sensor of each session with fixes: the columns of session_distance()."""
        found = defaultdict(list)
        for session, recording in self.recordings.items():
            for (sensor, _), row in recording.model.distances().items():
                found[session, sensor].append(row)
        return {
            key: total(rows) | {"is_counted": key[1] == self.recordings[key[0]].model.counted()}
            for key, rows in found.items()
        }

    def charts(self, begin: int, width_s: float, count: int) -> Rows:
        """Of all sensors of all sessions, in so many parts of ten minutes or more."""
        return {
            (session, sensor, *key): row
            for session, recording in self.recordings.items()
            for sensor in recording.sensors(with_pending=True)
            for key, row in chart(recording.points(sensor, is_coarse=True), begin, width_s, count).items()
        }

    def whole_charts(self) -> Rows:
        """Each in one part, from the first of its readings to the last."""
        found: Rows = {}
        for session, recording in self.recordings.items():
            for sensor, readings in recording.sensors(with_pending=True).items():
                times = [micros for micros, _ in readings]
                is_coarse = max(times) - min(times) >= 10 * MINUTE
                parts = chart(recording.points(sensor, is_coarse=is_coarse), min(times), _LONG_S, 1)
                found |= {(session, sensor, *key): row for key, row in parts.items()}
        return found

    def _distances(self) -> Iterator[tuple[tuple[Any, ...], Document]]:
        for session, recording in self.recordings.items():
            for (sensor, minute), row in recording.model.distances().items():
                columns = {"seconds": row["joined_s"], "distance_m": row["gated_m"]} | _without(
                    row, "joined_s", "gated_m"
                )
                about = self._about(session, sensor) | {"is_counted": sensor == recording.model.counted()}
                yield (session, self._type(session, sensor), instant(minute)), about | columns

    def _buckets(self, width: int) -> Iterator[tuple[int, str, int, list[Reading]]]:
        for session, recording in self.recordings.items():
            for sensor, readings in recording.sensors().items():
                for begin, members in by_bucket(readings, width).items():
                    yield session, sensor, begin, members

    def _type(self, session: int, sensor: str) -> int:
        return self.types[self.recordings[session].user_id, sensor]

    def _axes(self, session: int, sensor: str, micros: int) -> tuple[str, ...]:
        is_archived = self.recordings[session].model.is_archived((sensor, micros))
        return AXES + EXTRA_AXES if is_archived else AXES

    def _about(self, session: int, sensor: str) -> Document:
        return {"user_id": self.recordings[session].user_id, "sensor": sensor}

    def _partials(self, session: int, readings: list[Reading], sensor: str) -> Document:
        row = partials(readings, VALUE_KEYS[sensor])
        is_archived = self.recordings[session].model.is_archived((sensor, row["first_at"]))
        times = {"first_at": instant(row["first_at"]), "last_at": instant(row["last_at"])}
        return row | times | {"is_archived": is_archived}


def difference(found: Rows, expected: Rows) -> str | None:
    """The first thing that is not alike: sums but for the last digits, all else exactly."""
    for key in expected.keys() | found.keys():
        have, want = found.get(key), expected.get(key)
        if have is None or want is None or have.keys() != want.keys():
            return f"{key}: {have} instead of {want}"
        for name, value in want.items():
            if not _is_alike(name, have[name], value):
                return f"{key}, {name}: {have[name]!r} instead of {value!r}"
    return None


def _without(row: Document, *names: str) -> Document:
    return {name: value for name, value in row.items() if name not in names}


def _is_alike(name: str, found: Any, expected: Any) -> bool:
    if None in (found, expected):
        return found is expected
    if name.endswith("moments"):
        return len(found) == 3 and found[0] == expected[0] and all(map(_is_close, found, expected))
    if name in _SUMS:
        return _is_close(found, expected)
    return bool(found == expected)


def _is_close(found: float, expected: float) -> bool:
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)
