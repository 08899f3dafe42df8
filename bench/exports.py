"""Row "exports": a long session as a file, in each format."""

import shutil
import subprocess
from collections.abc import Iterator

import psycopg

from bench.client import Client
from bench.data import Reading, columns_body, readings
from bench.figures import Figure
from bench.measure import in_turns, seconds_of
from bench.process_memory import forget_peak, peak_mb, resident_mb
from bench.servers import Api, Servers
from bench.sizes import Sizes

_FORMATS = ("csv", "json", "zip", "parquet")
_PUSH = 50_000
_PATH = "/api/sessions/exported/download?format="
# The same columns and order, in the simplest SQL.
_COPY = """
    copy (
        select
            'exported', t.name, t.value_key, d.recorded_at, d.x, d.y, d.z, d.value, d.latitude, d.longitude, d.altitude,
            d.accuracy, d.speed, d.bearing, d.extra, null
        from app.sensor_data as d join app.sensor_types as t on t.id = d.sensor_type_id
        order by d.recording_id, d.sensor_type_id, d.recorded_at
    ) to stdout (format csv)
"""


def exports(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Compares the CSV file over HTTP with `psql \\copy`, and measures the growth of the API process per format."""
    with servers.api() as api, Client(api.port) as phone:
        for batch in _batches(sizes.exported_readings):
            phone.push(columns_body("exported", batch))
        with psycopg.connect(api.owner_url, autocommit=True) as connection:
            connection.execute("vacuum analyze app.sensor_data")
        figures = [_memory(api, phone, name) for name in _FORMATS]
        size, copied = phone.download(_PATH + "csv"), _copied(api.owner_url)
        ours_s, copied_s = in_turns(
            lambda _: phone.download(_PATH + "csv"), lambda _: _copied(api.owner_url), sizes.exports
        )
    ratio = Figure(
        row="exports, csv",
        value=(size / ours_s) / (copied / copied_s),
        goal=0.5,
        is_at_least=True,
        measured=f"{size / ours_s / 1e6:.1f} MB/s, {sizes.exported_readings / ours_s:,.0f} readings/s over HTTP",
        against=f"{copied / copied_s / 1e6:.1f} MB/s by {_program()} of the same columns",
    )
    return [ratio, *figures]


def _batches(count: int) -> Iterator[list[Reading]]:
    """The same recording again and again, each time later."""
    recording = readings(min(count, _PUSH))
    length = recording[-1].micros - recording[0].micros + 1_000_000
    for number in range(count // len(recording)):
        yield [reading._replace(micros=reading.micros + number * length) for reading in recording]


def _memory(api: Api, phone: Client, file_format: str) -> Figure:
    before_mb = resident_mb(api.worker_pid)
    forget_peak(api.worker_pid)
    sizes: list[int] = []
    took_s = seconds_of(lambda: sizes.append(phone.download(_PATH + file_format)))
    return Figure(
        row=f"exports, {file_format}, growth",
        value=peak_mb(api.worker_pid) - before_mb,
        goal=64,
        is_at_least=False,
        unit="MB",
        measured=f"growth of the API process at its peak, {before_mb:.0f} MB before",
        against=f"a file of {sizes[0] / 1e6:.0f} MB, {sizes[0] / took_s / 1e6:.1f} MB/s, in {took_s:.1f} s",
    )


def _program() -> str:
    return r"psql \copy" if shutil.which("psql") else "psycopg's COPY"


def _copied(url: str) -> int:
    """Returns the number of bytes."""
    if (psql := shutil.which("psql")) is None:
        with psycopg.connect(url) as connection, connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            return sum(len(part) for part in copy)
    command = "\\" + " ".join(_COPY.split())
    with subprocess.Popen([psql, url, "-qc", command], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        size = 0
        while piece := process.stdout.read(1 << 16):
            size += len(piece)
    assert process.returncode == 0
    return size
