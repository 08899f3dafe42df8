"""Two users' phones over forty days, and the look at all that the rollups say of them."""

import random
from datetime import UTC, datetime

from litestar import Litestar
from litestar.testing import TestClient
from psycopg.rows import dict_row

from tests.maintenance.expected_rollups import ExpectedRollups, Recording, Rows, difference
from tests.rollups.harness import compress_all
from tests.support.aliases import Db, Document
from tests.support.clock import Clock
from tests.support.databases import erase_deleted, value

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
# In New York the clocks go forward on the 9th of March.
FIRST_MS = int(datetime(2025, 2, 20, tzinfo=UTC).timestamp() * 1000)
_ZONES = ("America/New_York", "Asia/Kathmandu")
# Every fifth night at two the phones find the server; the clean-up runs an hour later.
_PUSHES_MS = 2 * HOUR_MS
# Beside recording and sensor type; those of the other views are bucket and axis.
_KEYS_OF_VIEWS = {"rollup_partials": ["bucket_minutes", "bucket"], "sensor_distance": ["bucket"]}


class Phones:
    """Two users' phones, the clean-up's clock, and the diary of what was accepted."""

    def __init__(self, client: TestClient[Litestar], db: Db, users: list[Document], clock: Clock) -> None:
        self.client, self.db, self.users, self.clock = client, db, users, clock
        self.is_community = value(db, "select app.edition()") == "community"
        self.expected = ExpectedRollups()
        self.ids: dict[str, int] = {}
        self._random = random.Random(40)
        if self.is_community:
            db.execute("select alter_job(job_id, scheduled => false) from timescaledb_information.jobs")
        for user, zone in zip(users, _ZONES, strict=True):
            client.patch("/api/auth/me", headers=user["headers"], json={"timezone": zone})
            user_id = value(db, "select id from app.users where username = %s", user["username"])
            self.expected.zones[user_id], user["id"] = zone, user_id
        clock.jump((FIRST_MS + _PUSHES_MS - datetime.now(UTC).timestamp() * 1000) / DAY_MS)

    def record_day(self, day: int) -> None:
        """A recording each, the second user's every third day; they are pushed later."""
        begin = FIRST_MS + day * DAY_MS
        # Every fifth goes on over midnight.
        hour = 24 - 1 / 60 if day % 5 == 0 else self._random.uniform(0, 23)
        self.push(f"day {day}", self.walk(begin + int(hour * HOUR_MS), self._random.uniform(60, 150)))
        if day % 3 == 0:
            walk = self.walk(begin + int(self._random.uniform(0, 23) * HOUR_MS), 60)
            # One is still being recorded, for all that the server knows.
            self.push(f"other {day}", walk, user=1, is_over=day != 9)

    def walk(self, begin_ms: int, seconds: float) -> list[Document]:
        """Readings of a few minutes, as uneven as a phone's."""
        every = {"accelerometer": 500, "pressure": 1000, "gps": 2000}
        return [
            {
                "sensor_type": sensor,
                "timestamp": begin_ms + at + self._random.randrange(400),
                "data": self._data(sensor),
            }
            for sensor, step in every.items()
            for at in range(0, int(seconds * 1000), step)
        ]

    def push(self, name: str, items: list[Document], *, user: int = 0, is_over: bool = True) -> Document:
        """The answer, its counts being those that they have to be."""
        times = [item["timestamp"] for item in items]
        session: Document = {"session_id": name, "start_time": min(times)}
        session["end_time"] = max(times) if is_over else None
        reply = self.client.post(
            "/api/sync/push", json={"session": session, "sensor_data": items}, headers=self.users[user]["headers"]
        )
        assert reply.status_code == 200, reply.text
        if name not in self.ids:
            self.ids[name] = value(self.db, "select id from app.recording_sessions where session_id = %s", name)
            self.expected.recordings[self.ids[name]] = Recording(self.users[user]["id"])
        answer: Document = reply.json()
        expected = self[name].model.push(items)
        refused = [item["index"] for item in answer["rejected"] if item["code"] == "archived"]
        assert {count: answer[count] for count in expected if count != "refused"} | {"refused": refused} == expected
        return answer

    def push_late(self, name: str, items: list[Document]) -> Document:
        """Where there are aggregates, they lack it until they are refreshed."""
        before = set(self[name].model.readings) if name in self.ids else set()
        answer = self.push(name, items)
        if self.is_community:
            self[name].pending |= self[name].model.readings.keys() - before
        return answer

    def refresh(self) -> None:
        for level in ("minute", "hour"):
            self.db.execute(f"call refresh_continuous_aggregate('app.{level}_partials', null, null)".encode())
        for recording in self.expected.recordings.values():
            recording.pending.clear()

    def compress(self) -> None:
        if self.is_community:
            compress_all(self.db)

    def delete(self, name: str) -> None:
        assert self.client.delete(f"/api/sessions/{name}", headers=self.users[0]["headers"]).status_code == 204
        erase_deleted(self.db)
        del self.expected.recordings[self.ids.pop(name)]

    def bytes_stored(self) -> int:
        """Without TimescaleDB there are no chunks to drop: what rows took is given back by a full vacuum."""
        if not value(self.db, "select app.is_hypertable('app.sensor_data')"):
            self.db.execute("vacuum full app.sensor_data")
        return int(value(self.db, "select app.table_bytes('app.sensor_data')"))

    def check(self) -> None:
        """Every number, and once more after a refresh."""
        assert self.compare() > 40_000
        if self.is_community:
            self.refresh()
            self.compare()

    def compare(self) -> int:
        """Every number of every view and function; how many there were."""
        types = self.db.execute("select user_id, name, id from app.sensor_types").fetchall()
        self.expected.types = {(user_id, name): number for user_id, name, number in types}
        numbers = 0
        for what, found, expected in self._pairs():
            assert expected
            assert difference(found, expected) is None, what
            # Moments are three numbers, or three times nothing.
            numbers += sum(3 if name.endswith("moments") else 1 for row in found.values() for name in row)
        return numbers

    def _pairs(self) -> list[tuple[str, Rows, Rows]]:
        pairs = []
        for view, expected in self.expected.views():
            keys = ["recording_id", "sensor_type_id", *_KEYS_OF_VIEWS.get(view, ["bucket", "axis"])]
            pairs.append((view, self._rows(keys, f"select * from analytics.{view}"), expected))
        local = (
            "select s.recording_id, l.* from analytics.sessions as s,"
            " analytics.sensor_local_day(s.recording_id, {}) as l"
        )
        for zone in (None, "Europe/Berlin"):
            given = "null" if zone is None else f"'{zone}'"
            found = self._rows(["recording_id", "day", "sensor", "axis"], local.format(given))
            pairs.append((f"sensor_local_day {zone}", found, self.expected.days_of_sensors(zone)))
        users = "select u.id, d.* from analytics.users as u, analytics.user_local_day(u.id, {}) as d"
        keys = ["id", "day", "sensor"]
        days = self.expected.days_of_users()
        for first, last in (("2025-02-01", "2025-04-30"), ("2025-03-01", "2025-03-09")):
            some = {key: row for key, row in days.items() if first <= str(key[1]) <= last}
            found = self._rows(keys, users.format(f"'{first}', '{last}'"))
            pairs.append((f"user_local_day {first}", found, some))
        return pairs + self._totals() + self._charts()

    def _totals(self) -> list[tuple[str, Rows, Rows]]:
        sums = (
            "select s.recording_id, d.sensor, d.raw_m, d.gated_m, d.moving_m, d.unjoined_s, d.fixes, d.fixes_used,"
            " d.is_counted from analytics.sessions as s, analytics.session_distance(s.recording_id) as d"
        )
        statistics = (
            "select u.id, d.* from analytics.users as u,"
            " jsonb_to_record(analytics.user_statistics(u.id, '2025-01-01', '2025-12-31')) as d"
            " (distance_m float8, raw_distance_m float8, moving_distance_m float8, unjoined_s float8)"
        )
        return [
            ("session_distance", self._rows(["recording_id", "sensor"], sums), self.expected.sums()),
            ("user_statistics", self._rows(["id"], statistics), self.expected.totals()),
        ]

    def _charts(self) -> list[tuple[str, Rows, Rows]]:
        """Parts of half an hour; all of it as one."""
        series = (
            "select s.recording_id, s.sensor, c.* from analytics.session_sensors as s,"
            " analytics.session_series(s.recording_id, s.sensor, {}) as c"
        )
        keys = ["recording_id", "sensor", "at", "axis"]
        half_hours = "'2025-02-20 00:00Z', '2025-04-03 00:00Z', 2016"
        return [
            (
                "session_series by half an hour",
                self._rows(keys, series.format(half_hours)),
                self.expected.charts(FIRST_MS * 1000, 1800.0, 2016),
            ),
            ("session_series", self._rows(keys, series.format("_points => 1")), self.expected.whole_charts()),
        ]

    def _rows(self, keys: list[str], query: str) -> Rows:
        with self.db.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(query.encode()).fetchall()
        found = {
            tuple(row[key] for key in keys): {name: v for name, v in row.items() if name not in keys} for row in rows
        }
        assert len(found) == len(rows), "two rows of one bucket"
        return found

    def _data(self, sensor: str) -> Document:
        some = self._random
        if sensor == "accelerometer":
            axes = {"x": some.gauss(0, 2), "y": some.gauss(0, 2)}
            return axes if some.random() < 0.1 else axes | {"z": some.gauss(9.81, 1)}
        if sensor == "pressure":
            return {"pressure": some.gauss(1013.25, 0.3)}
        # Negative: invalid or unknown. At most 100 m/s apart, now and then further; between readings, mostly at rest.
        known = {
            "accuracy": some.choice([-1.0, 5.0, 12.5, 30.0]),
            "speed": some.choice([-1.0, 0.0, some.uniform(0.5, 3)]),
        }
        spread = some.choice([0.0001, 0.0001, 0.0004, 5])
        place = {
            "latitude": 37.5 + some.uniform(-spread, spread),
            "longitude": 126.5 + some.uniform(-spread, spread),
            "altitude": some.uniform(1, 90),
        }
        return place | known

    def __getitem__(self, name: str) -> Recording:
        return self.expected.recordings[self.ids[name]]


def gps(at_ms: int, *, speed: float) -> Document:
    """A position so long after the first midnight."""
    data = {"latitude": 37.5, "longitude": 126.5, "altitude": 20.0, "accuracy": 5.0, "speed": speed}
    return {"sensor_type": "gps", "timestamp": FIRST_MS + at_ms, "data": data}
