"""Row "pull": all readings of a user in one answer."""

import psycopg

from bench.client import Client
from bench.data import push_body, readings
from bench.figures import Figure
from bench.measure import in_turns
from bench.process_memory import forget_peak, peak_mb, resident_mb
from bench.servers import Servers
from bench.sizes import Sizes

# The JSON text of a reading as in the answer of a pull, in the simplest SQL.
_COPY = """
copy (
    select
        '{"sensor_type":"' || t.name || '","timestamp":' || extract(epoch from d.recorded_at)::float8 * 1000
        || ',"data":{"x":' || d.x || ',"y":' || d.y || ',"z":' || d.z || '}}'
    from app.sensor_data as d join app.sensor_types as t on t.id = d.sensor_type_id
    order by d.recording_id, d.sensor_type_id, d.recorded_at
) to stdout
"""


def pull(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Compares a pull over HTTP with COPY of the same text, and measures the growth of the API process."""
    with (
        servers.api() as api,
        Client(api.port) as phone,
        psycopg.connect(api.owner_url, autocommit=True) as connection,
    ):
        _fill(phone, sizes)
        connection.execute("vacuum analyze app.sensor_data")
        size = len(phone.pull())
        before_mb = resident_mb(api.worker_pid)
        forget_peak(api.worker_pid)

        def pull_all(_: int) -> None:
            assert len(phone.pull()) == size

        pulled_s, copied_s = in_turns(pull_all, lambda _: _copied(connection), sizes.pulls)
        grown_mb = peak_mb(api.worker_pid) - before_mb
        copied = _copied(connection)
    return [
        Figure(
            row="pull",
            value=(size / pulled_s) / (copied / copied_s),
            goal=0.7,
            is_at_least=True,
            measured=f"{size / pulled_s / 1e6:.1f} MB/s, {sizes.pulled_readings / pulled_s:,.0f} readings/s over HTTP",
            against=f"{copied / copied_s / 1e6:.1f} MB/s by COPY of the same text",
        ),
        Figure(
            row="pull, growth",
            value=grown_mb,
            goal=32,
            is_at_least=False,
            unit="MB",
            measured=f"growth of the API process at its peak, {before_mb:.0f} MB before",
            against=f"a reply of {size / 1e6:.0f} MB",
        ),
    ]


def _fill(phone: Client, sizes: Sizes) -> None:
    recording = readings(sizes.pulled_readings)
    for start in range(0, sizes.pulled_readings, sizes.push_readings):
        phone.push(push_body("pulled", recording[start : start + sizes.push_readings]))


def _copied(connection: psycopg.Connection) -> int:
    """Returns the number of bytes."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        return sum(len(part) for part in copy)
