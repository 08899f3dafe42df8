"""Memory of the API does not grow with the size of an upload."""

import math
import struct
from pathlib import Path

import httpx
import psutil
import pytest

from bench.process_memory import forget_peak, peak_mb, resident_mb
from koodtx.processes.addresses import answers_ok, base_url, free_port
from koodtx.settings import Settings
from tests.support.aliases import Db
from tests.support.databases import value
from tests.support.processes import KoodtxProcess
from tests.support.requests import register
from tests.support.takes import upload
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.api]

_MB = 1_000_000
# Two parts of 5 MB on their way to the store, the pieces before them, and what Python keeps of both.
_GROWTH_MB = 32


def wav(byte_count: int) -> bytes:
    samples = byte_count - 44
    sound = (16, 1, 1, 48_000, 96_000, 2, 16)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", byte_count - 8, b"WAVE", b"fmt ", *sound, b"data", samples)
    period = b"".join(struct.pack("<h", int(8000 * math.sin(n / 480 * 2 * math.pi))) for n in range(480))
    return head + (period * (samples // len(period) + 1))[:samples]


def test_upload_of_50_mb_takes_no_more_memory_than_a_small_one(
    settings: Settings, line_id: int, db: Db, tmp_path: Path
) -> None:
    port = free_port()
    url = base_url("127.0.0.1", port)
    process = KoodtxProcess(settings, tmp_path / "api.log", "serve", "--host", "127.0.0.1", "--port", str(port))
    try:
        wait_until(lambda: answers_ok(f"{url}/health"), 30, "the start of the service")
        with httpx.Client(base_url=url, timeout=120) as client:
            headers = register(client)["headers"]
            for _ in range(3):
                assert upload(client, headers, line_id, wav(_MB)).status_code == 202
            (worker,) = [
                child.pid for child in psutil.Process(process.process.pid).children() if resident_mb(child.pid) > 40
            ]
            before_mb = resident_mb(worker)
            forget_peak(worker)
            assert upload(client, headers, line_id, wav(50 * _MB)).status_code == 202
            growth_mb = peak_mb(worker) - before_mb
    finally:
        process.stop()
    print(f"50 MB: {growth_mb:.1f} MB more than the {before_mb:.0f} MB of the service")
    assert value(db, "select max(byte_count) from app.stored_objects") == 50 * _MB
    assert growth_mb < _GROWTH_MB
