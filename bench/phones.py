"""Row "many phones": 64 concurrent clients compared with one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bench.client import Client
from bench.data import push_body, readings
from bench.figures import Figure
from bench.measure import in_turns, percentile, seconds_of
from bench.push import consecutive_batches, per_second
from bench.servers import Servers
from bench.sizes import Sizes


def many_phones(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Measures readings per second of all phones together; each phone sends its pushes one after another."""
    rounds = max(1, sizes.rounds // 5)
    in_all = sizes.phones * sizes.phone_pushes * sizes.phone_readings
    latencies: list[float] = []
    with servers.api() as api, ExitStack() as stack:
        phones = [stack.enter_context(Client(api.port)) for _ in range(sizes.phones)]
        threads = stack.enter_context(ThreadPoolExecutor(sizes.phones))
        single_pushes = max(1, in_all // sizes.push_readings)
        big = consecutive_batches((rounds + 1) * single_pushes, sizes.push_readings)
        big_bodies = [push_body("one", batch) for batch in big]
        small_bodies = _phone_bodies(rounds + 1, sizes)

        def by_one(number: int) -> None:
            for body in big_bodies[number * single_pushes : (number + 1) * single_pushes]:
                phones[0].push(body)

        def by_all(number: int) -> None:
            bodies = small_bodies[number]
            together = threading.Barrier(sizes.phones)
            for took in threads.map(lambda phone: _push_all(phone, bodies, together), phones):
                latencies.extend(took)

        all_s, one_s = in_turns(by_all, by_one, rounds)
    return [
        Figure(
            row="many phones",
            value=(in_all / all_s) / (single_pushes * sizes.push_readings / one_s),
            goal=0.8,
            is_at_least=True,
            measured=f"{per_second(in_all, all_s)} readings/s by {sizes.phones} clients, "
            f"{sizes.phone_readings:,} per push, "
            f"p50 {percentile(latencies, 0.5) * 1000:.0f} ms, p99 {percentile(latencies, 0.99) * 1000:.0f} ms",
            against=f"{per_second(single_pushes * sizes.push_readings, one_s)} readings/s by one, "
            f"{sizes.push_readings:,} per push",
        )
    ]


def _phone_bodies(rounds: int, sizes: Sizes) -> list[list[bytes]]:
    """Returns the pushes of each round. All phones can send the same, because sessions belong to users."""
    size = sizes.phone_readings
    recording = readings(rounds * sizes.phone_pushes * size)
    bodies = [push_body("phone", recording[start : start + size]) for start in range(0, len(recording), size)]
    return [bodies[number * sizes.phone_pushes : (number + 1) * sizes.phone_pushes] for number in range(rounds)]


def _push_all(phone: Client, bodies: list[bytes], together: threading.Barrier) -> list[float]:
    together.wait()
    return [seconds_of(lambda body=body: phone.push(body)) for body in bodies]  # type: ignore[misc]
