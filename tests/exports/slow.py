"""Downloads whose client hardly reads."""

import socket

import httpx

from tests.exports.conftest import LONG
from tests.faults.raw_http import connect
from tests.support.aliases import Db, Document
from tests.support.readings import START_MS
from tests.support.requests import push_body

# Half of four connections are for downloads: see `Downloads`.
LIMITS = {"KOODTX_POOL_MAX": "4", "KOODTX_POOL_MIN": "1", "KOODTX_MAX_USER_DOWNLOADS": "0"}


def long_push(session_id: str = "walk", start_ms: int = 0) -> Document:
    block = {
        "sensor_type": "accelerometer",
        "timestamps": {"start": START_MS + start_ms, "step": 10, "count": LONG},
        "data": {axis: [n / 7 for n in range(LONG)] for axis in "xyz"},
    }
    return push_body([block], session_id)


def begin(service: httpx.Client, headers: dict[str, str], query: str = "") -> socket.socket:
    """Asks for a file and reads only its first bytes."""
    connection = connect(str(service.base_url), receive_buffer=4096)
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    connection.sendall(
        f"GET /api/sessions/walk/download?format=csv{query} HTTP/1.1\r\nHost: a\r\n{fields}\r\n".encode()
    )
    assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    return connection


def open_snapshots(db: Db) -> int:
    """Downloads that hold a transaction."""
    row = db.execute(
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        " and application_name = 'koodtx' and xact_start is not null and query like '%app.%'"
    ).fetchone()
    assert row is not None
    return int(row[0])
