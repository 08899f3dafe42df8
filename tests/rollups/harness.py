"""A real database and application, and the model of what the rollups must be."""

import math
from typing import Any
from uuid import uuid4

import psycopg
from litestar.testing import TestClient
from psycopg.rows import dict_row

from koodtx.app import create_app
from koodtx.settings import Settings
from tests.oracles.rollups import CHANNELS, are_close, is_alike
from tests.rollups.model import DAY, HOUR, MINUTE, WIDTHS, Bucket, Session, bucket_of, key_of
from tests.support.aliases import Document
from tests.support.databases import erase_deleted
from tests.support.settings import PASSWORD

_COLUMNS = ["is_archived", "count", *(f"{name}_{part}" for name in CHANNELS for part in ("moments", "min", "max"))]
_MICROS = "(extract(epoch from {}) * 1000000)::bigint"


class Harness:
    """One database, used by many histories one after another, each with a user of its own.

    `failure`: the first thing that went wrong. Refreshes and compression happen when a history says so, and only then.
    """

    def __init__(self, settings: Settings) -> None:
        self.failure: BaseException | None = None
        self.histories = 0
        self.owner: psycopg.Connection[Any] = psycopg.connect(settings.migration_database_url or "", autocommit=True)
        (edition,) = self.owner.execute("select app.edition()").fetchone() or ()
        self.is_community = edition == "community"
        if self.is_community:
            self.owner.execute("select alter_job(job_id, scheduled => false) from timescaledb_information.jobs")
        self._client = TestClient(create_app(settings), raise_server_exceptions=False)
        self._client.__enter__()

    def close(self) -> None:
        self._client.__exit__(None, None, None)
        self.owner.close()

    def begin_history(self) -> None:
        self.histories += 1
        self.sessions: dict[str, Session] = {}
        self._ids: dict[str, int] = {}
        # Buckets that changed since the last refresh.
        self._stale: set[tuple[str, Bucket]] = set()
        name = uuid4().hex
        account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "device_id": "phone"}
        token = self._client.post("/api/auth/register", json=account).json()["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    # What happens

    def push(self, name: str, items: list[Document], *, is_over: bool) -> None:
        session = {"session_id": name, "start_time": "2025-06-01T00:00:00Z"}
        session["end_time"] = "2025-06-05T00:00:00Z" if is_over else None  # type: ignore[assignment]
        reply = self._client.post(
            "/api/sync/push", json={"session": session, "sensor_data": items}, headers=self._headers
        )
        model = self.sessions.setdefault(name, Session())
        if model.is_deleted:
            self._expect(reply.status_code, 410)
            return
        self._expect(reply.status_code, 200)
        before = dict(model.readings)
        expected = model.push(items)
        found = reply.json()
        refused = [item["index"] for item in found["rejected"] if item["code"] == "archived"]
        self._expect({name: found[name] for name in expected if name != "refused"} | {"refused": refused}, expected)
        self._ids.setdefault(name, self._id_of(name))
        for item in items:
            key = key_of(item)
            if model.readings.get(key) != before.get(key):
                self._mark_stale(name, *key)

    def archive(self, name: str) -> None:
        model = self.sessions.get(name)
        if model is None:
            return
        try:
            row = self.owner.execute("select readings from app.archive_readings(%s)", [self._ids[name]]).fetchone()
        except psycopg.Error as error:
            self.failure = self.failure or error
            raise
        self._expect(row, (model.archive(),))

    def store(self, *, is_idle: bool) -> None:
        """Stores partials as the job does. `is_idle`: as if nobody had pushed for a quarter of an hour."""
        if is_idle:
            self.owner.execute(
                "update app.recording_sessions set last_push_at = app.now() - interval '15 minutes' where id = any(%s)",
                [list(self._ids.values())],
            )
        if not self.is_community:
            store_all(self.owner)

    def delete(self, name: str, *, is_erased: bool) -> None:
        """`is_erased` false: the readings are still stored, as between deletion and erasure."""
        model = self.sessions.get(name)
        if model is None:
            return
        if is_erased:
            reply = self._client.delete(f"/api/sessions/{name}", headers=self._headers)
            self._expect(reply.status_code, 204)
            erase_deleted(self.owner)
        else:
            self.owner.execute(
                "select app.delete_session(user_id, session_id) from app.recording_sessions where id = %s",
                [self._ids[name]],
            )
        model.delete()

    def refresh(self) -> None:
        """Refreshes everything, so that the newest bucket can be behind afterwards, too."""
        if not self.is_community:
            return
        for level in ("minute", "hour"):
            self.owner.execute(
                f"call refresh_continuous_aggregate('app.{level}_partials', null, null,"
                """ options => '{"buckets_per_batch": 0}')"""
            )
        self._stale.clear()

    def compress(self) -> None:
        if self.is_community:
            compress_all(self.owner)

    # What must hold

    def check(self) -> None:
        """Checks that each bucket holds the partials of all readings that were accepted and not deleted."""
        if not self._ids:
            return
        value_keys = self._value_keys()
        for level, width in WIDTHS.items():
            found = self._rows(level)
            expected = {
                (self._ids[name], *key): row
                for name, session in self.sessions.items()
                for key, row in session.rollups(width, value_keys).items()
            }
            behind = {bucket for stale, bucket in self._stale if stale == level}
            for bucket in (found.keys() | expected.keys()) - behind:
                if bucket not in found or bucket not in expected or not is_alike(found[bucket], expected[bucket]):
                    self._fail(f"{level} {bucket}: {found.get(bucket)} instead of {expected.get(bucket)}")
            self._check_axes(level, behind)
        self._check_distances()
        self._check_sketches()
        self._check_epochs()
        self._check_counts()

    def _check_axes(self, level: str, behind: set[Bucket]) -> None:
        """Checks that every number that was sent is in session_rollup(), whether its reading was archived or not."""
        rows = self.owner.execute(
            f"select s.id, r.sensor, {_MICROS.format('r.bucket')}, r.axis, r.moments, r.min, r.max"
            " from unnest(%s::bigint[]) as s (id) cross join lateral analytics.session_rollup(s.id, %s) as r".encode(),
            [list(self._ids.values()), WIDTHS[level] // MINUTE],
        ).fetchall()
        found = {row[:4]: row[4:] for row in rows}
        if len(found) < len(rows):
            self._fail(f"an axis of one {level} has two rows")
        expected = {
            (self._ids[name], *key): axis
            for name, session in self.sessions.items()
            for key, axis in session.axes(WIDTHS[level]).items()
        }
        for key in found.keys() | expected.keys():
            if key[:3] not in behind and not _are_alike(found.get(key), expected.get(key)):
                self._fail(f"{level} {key}: {found.get(key)} instead of {expected.get(key)}")

    def _value_keys(self) -> dict[str, str | None]:
        rows = self.owner.execute(
            "select t.name, t.value_key from app.sensor_types as t join app.recording_sessions as s using (user_id)"
            " where s.id = %s", [next(iter(self._ids.values()))],
        ).fetchall()  # fmt: skip
        return dict(rows)

    def _check_distances(self) -> None:
        """Checks that each minute has the distance of the fixes that were accepted, and keeps it."""
        query = (
            f"select m.*, m.recording_id, {_MICROS.format('m.bucket')} as micros"
            " from (select s.recording_id, d.* from analytics.sessions as s,"
            " analytics.minute_distance(s.recording_id) as d where s.recording_id = any(%s)) as m"
        )
        with self.owner.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(query.encode(), [list(self._ids.values())]).fetchall()
        found = {(row["recording_id"], row["sensor"], row["micros"]): row for row in rows}
        expected = {
            (self._ids[name], *key): row | {"is_counted": session.counted() == key[0]}
            for name, session in self.sessions.items()
            for key, row in session.distances().items()
        }
        self._expect(found.keys(), expected.keys())
        for key, row in expected.items():
            if not all(_is_close(found[key][name], value) for name, value in row.items()):
                self._fail(f"distance {key}: {found[key]} instead of {row}")

    def _check_sketches(self) -> None:
        """Checks that each hour and day has the sketches of all numbers that were sent."""
        for width in (HOUR, DAY):
            rows = self.owner.execute(
                f"select s.id, p.sensor, {_MICROS.format('p.bucket')}, p.axis, p.sketch"
                " from unnest(%s::bigint[]) as s (id)"
                " cross join lateral analytics.session_percentiles(s.id, %s) as p".encode(),
                [list(self._ids.values()), width // MINUTE],
            ).fetchall()
            expected = {
                (self._ids[name], *key): sketch
                for name, session in self.sessions.items()
                for key, sketch in session.sketches(width).items()
            }
            self._expect(len(rows), len(expected))
            self._expect({row[:4]: row[4] for row in rows}, expected)

    def _check_epochs(self) -> None:
        """Checks that each epoch has the intensity of the readings that were accepted, and keeps it."""
        rows = self.owner.execute(
            f"select s.id, {_MICROS.format('e.at')}, e.readings, e.enmo_mg, e.mad_mg"
            " from unnest(%s::bigint[]) as s (id) cross join lateral analytics.session_epochs(s.id) as e".encode(),
            [list(self._ids.values())],
        ).fetchall()
        found = {row[:2]: row[2:] for row in rows}
        expected = {
            (self._ids[name], at): row
            for name, session in self.sessions.items()
            for at, row in session.epochs().items()
        }
        self._expect(found.keys(), expected.keys())
        for key, row in expected.items():
            if not all(_is_close(one, other) for one, other in zip(found[key], row, strict=True)):
                self._fail(f"epoch {key}: {found[key]} instead of {row}")

    def _check_counts(self) -> None:
        """Checks that the user's quota counts the stored readings."""
        stored = sum(len(session.stored) for session in self.sessions.values())
        row = self.owner.execute(
            "select reading_count from app.change_sequences as c join app.recording_sessions as s using (user_id)"
            " where s.id = %s", [next(iter(self._ids.values()))],
        ).fetchone()  # fmt: skip
        self._expect(row, (stored,))

    def _rows(self, level: str) -> dict[Bucket, Document]:
        query = (
            f"select r.recording_id, t.name, {_MICROS.format('r.bucket')}, {_MICROS.format('r.first_at')},"
            f" {_MICROS.format('r.last_at')}, {', '.join('r.' + name for name in _COLUMNS)}"
            " from analytics.rollup_partials as r join app.recording_sessions as s on s.id = r.recording_id"
            " join app.sensor_types as t on t.user_id = s.user_id and t.id = r.sensor_type_id"
            " where r.bucket_minutes = %s and r.recording_id = any(%s)"
        )
        minutes = WIDTHS[level] // MINUTE
        rows = self.owner.execute(query.encode(), [minutes, list(self._ids.values())]).fetchall()
        names = ["first_at", "last_at", *_COLUMNS]
        found = {(row[0], row[1], row[2]): dict(zip(names, row[3:], strict=True)) for row in rows}
        if len(found) < len(rows):
            self._fail(f"a bucket of one {level} has two rows")
        return found

    def _mark_stale(self, name: str, sensor: str, micros: int) -> None:
        """On Community, buckets of a reading may be behind if they begin before those computed from readings."""
        if not self.is_community:
            return
        query = f"select rollup, {_MICROS.format('realtime_from')} from analytics.rollup_lag()"
        lag = self.owner.execute(query.encode())
        for level, realtime_from in lag.fetchall():
            begin = bucket_of(micros, WIDTHS[level])
            if realtime_from is not None and begin < realtime_from:
                self._stale.add((level, (self._ids[name], sensor, begin)))
                if WIDTHS[level] == HOUR:
                    self._stale.add(("day", (self._ids[name], sensor, bucket_of(micros, DAY))))

    def _id_of(self, name: str) -> int:
        (session_id,) = self.owner.execute(
            "select max(id) from app.recording_sessions where session_id = %s", [name]
        ).fetchone() or ()  # fmt: skip
        return int(session_id)

    def _expect(self, found: Any, expected: Any) -> None:
        if found != expected:
            self._fail(f"{found} instead of {expected}")

    def _fail(self, message: str) -> None:
        error = AssertionError(message)
        self.failure = self.failure or error
        raise error


def _are_alike(found: Any, expected: Any) -> bool:
    """Whether moments, minimum and maximum are equal but for the last digits of sums."""
    if found is None or expected is None:
        return False
    return are_close(found[0], expected[0]) and found[1:] == expected[1:]


def _is_close(found: float | None, expected: float | None) -> bool:
    """Whether metres or seconds are equal but for the last digits of sums."""
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-6)


def store_all(owner: psycopg.Connection[Any]) -> None:
    """Stores the partials of all sessions; each transaction stores some hours."""
    for (session,) in owner.execute("select recording_id from app.sessions_to_store()").fetchall():
        while owner.execute("select app.store_partials(%s)", [session]).fetchone() == (True,):
            pass


def compress_all(owner: psycopg.Connection[Any]) -> None:
    """Moves every chunk of app.sensor_data to the columnstore."""
    chunks = owner.execute("select c::text from show_chunks('app.sensor_data') as c").fetchall()
    for (chunk,) in chunks:
        owner.execute("call convert_to_columnstore(%s)", [chunk])
