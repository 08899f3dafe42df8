"""Row "memory": the API process after many requests and during pushes of maximum size."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import msgspec

from bench.client import Client
from bench.data import encode, push_body, push_of, readings
from bench.figures import Figure
from bench.process_memory import forget_peak, peak_mb, resident_mb
from bench.servers import Servers
from bench.sizes import Sizes

_MAXIMAL_BYTES = 10_000_000
_AT_ONCE = 4
_READINGS_PER_REQUEST = 100


def memory(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Measures the resident memory of the single API worker."""
    with servers.api() as api, ExitStack() as stack:
        phones = [stack.enter_context(Client(api.port)) for _ in range(_AT_ONCE)]
        _work(phones[0], sizes.requests)
        after_mb = resident_mb(api.worker_pid)
        bodies = [_maximal_body(number, sizes.maximal_readings) for number in range(_AT_ONCE)]
        forget_peak(api.worker_pid)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(Client.push, phones, bodies))
        peak = peak_mb(api.worker_pid)
    return [
        Figure(
            row="memory, lasting",
            value=after_mb,
            goal=150,
            is_at_least=False,
            unit="MB",
            measured=f"API process after {sizes.requests:,} requests",
            against="a limit",
        ),
        Figure(
            row="memory, peak",
            value=peak,
            goal=260,
            is_at_least=False,
            unit="MB",
            measured=f"{_AT_ONCE} pushes at once of {len(bodies[0]) / 1e6:.0f} MB and "
            f"{sizes.maximal_readings:,} readings each",
            against="a limit",
        ),
    ]


def _work(phone: Client, requests: int) -> None:
    """Repeats two pushes, a pull of their readings and a status request."""
    count = requests // 2
    recording = readings(count * _READINGS_PER_REQUEST)
    cursor = None
    for number in range(count):
        start = number * _READINGS_PER_REQUEST
        phone.push(push_body("worked", recording[start : start + _READINGS_PER_REQUEST]))
        if number % 2:
            cursor = msgspec.json.decode(phone.pull(cursor=cursor))["cursor"]
            phone.send("GET", "/api/sync/status")


def _maximal_body(number: int, count: int) -> bytes:
    """Returns a push with the maximum number of readings, padded to the maximum number of bytes."""
    push = push_of(f"maximal{number}", readings(count))
    room = (_MAXIMAL_BYTES - len(encode(push))) // count - len(',"note":""')
    for item in push["sensor_data"]:
        item["data"]["note"] = "n" * max(0, room)
    return encode(push)
