"""The expected state of sessions: plain Python, one write after another."""

from collections import defaultdict
from dataclasses import dataclass, field

from tests.oracles.acceleration import Epoch, epochs
from tests.oracles.rollups import channel, every_axis, moments, partials
from tests.oracles.sketch import sketch
from tests.oracles.track import Fix, fix_of, minutes
from tests.support.aliases import Document

# Sensor, epoch microseconds.
Key = tuple[str, int]
# Session, sensor, epoch microseconds at which the bucket begins.
Bucket = tuple[int, str, int]

MINUTE, HOUR, DAY = (seconds * 1_000_000 for seconds in (60, 3_600, 86_400))
WIDTHS = {"minute": MINUTE, "hour": HOUR, "day": DAY}
# Sensor, start of a bucket, axis; its moments, minimum and maximum.
Axes = dict[tuple[str, int, str], tuple[list[float], float, float]]


def key_of(item: Document) -> Key:
    return item["sensor_type"], round(item["timestamp"] * 1000)


def bucket_of(micros: int, width: int) -> int:
    return micros - micros % width


@dataclass
class Session:
    """`readings`: all that were accepted; `stored`: those not archived; `archived`: (sensor, start of day)."""

    readings: dict[Key, Document] = field(default_factory=dict)
    stored: set[Key] = field(default_factory=set)
    archived: set[Key] = field(default_factory=set)
    is_deleted: bool = False
    # What archiving kept: by sensor and minute.
    archived_distances: dict[Key, Document] = field(default_factory=dict)

    def is_archived(self, key: Key) -> bool:
        return (key[0], bucket_of(key[1], DAY)) in self.archived

    def push(self, items: list[Document]) -> Document:
        """Returns the counts that the reply must have."""
        refused = [index for index, item in enumerate(items) if self.is_archived(key_of(item))]
        newest = {key_of(item): item["data"] for item in items if not self.is_archived(key_of(item))}
        inserted = sum(key not in self.readings for key in newest)
        updated = sum(self.readings.get(key, data) != data for key, data in newest.items())
        self.readings |= newest
        self.stored |= newest.keys()
        return {
            "total_records": len(items),
            "inserted": inserted,
            "updated": updated,
            "duplicates": len(items) - len(refused) - inserted - updated,
            "errors": len(refused),
            "session_data_count": len(self.readings),
            "refused": refused,
        }

    def archive(self) -> int:
        """Returns how many readings are deleted."""
        gone = len(self.stored)
        self.archived_distances = self.distances()
        self.archived |= {(sensor, bucket_of(micros, DAY)) for sensor, micros in self.stored}
        self.stored = set()
        return gone

    def delete(self) -> None:
        self.readings, self.stored, self.archived, self.is_deleted = {}, set(), set(), True
        self.archived_distances = {}

    def distances(self) -> dict[Key, Document]:
        """Returns the columns of minute_distance() by sensor and minute: what was archived stays as it was."""
        tracks: dict[tuple[str, int], list[Fix]] = defaultdict(list)
        for sensor, micros in self.stored:
            if (fix := fix_of(micros, self.readings[sensor, micros])) is not None:
                # Nothing is joined over a day that was archived.
                before = sum(name == sensor and day <= micros for name, day in self.archived)
                tracks[sensor, before].append(fix)
        found = dict(self.archived_distances)
        for (sensor, _), fixes in tracks.items():
            found |= {(sensor, minute): row for minute, row in minutes(fixes).items()}
        return found

    def counted(self) -> str | None:
        """Returns the sensor whose distance counts; None: no sensor has fixes."""
        used: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for (sensor, _), row in self.distances().items():
            used[sensor] = (used[sensor][0] + row["fixes_used"], used[sensor][1] + row["fixes"])
        return min(used, key=lambda sensor: (-used[sensor][0], -used[sensor][1], sensor), default=None)

    def axes(self, width: int) -> Axes:
        """Returns what every number that was sent adds up to, by sensor, bucket and axis."""
        return {key: ([*moments(values)], min(values), max(values)) for key, values in self._numbers(width).items()}

    def sketches(self, width: int) -> dict[tuple[str, int, str], dict[str, int]]:
        """Returns the sketch of every number that was sent, by sensor, bucket and axis."""
        return {key: sketch(values) for key, values in self._numbers(width).items()}

    def _numbers(self, width: int) -> dict[tuple[str, int, str], list[float]]:
        members = defaultdict(list)
        for (sensor, micros), data in self.readings.items():
            for axis, value in every_axis(data).items():
                members[sensor, bucket_of(micros, width), axis].append(value)
        return members

    def epochs(self) -> dict[int, Epoch]:
        """Returns the intensities of the accelerometer, archived or not, by the start of the epoch."""
        return epochs(
            [
                (micros, magnitude)
                for (sensor, micros), data in self.readings.items()
                if sensor == "accelerometer" and (magnitude := channel(data, "magnitude", "")) is not None
            ]
        )

    def rollups(self, width: int, value_keys: dict[str, str | None]) -> dict[tuple[str, int], Document]:
        """Returns the partials by sensor and bucket; `value_keys`: of the sensors that have one."""
        members = defaultdict(list)
        for (sensor, micros), data in self.readings.items():
            members[sensor, bucket_of(micros, width)].append((micros, data))
        return {
            key: partials(readings, value_keys.get(key[0]) or "") | {"is_archived": self.is_archived(key)}
            for key, readings in members.items()
        }
