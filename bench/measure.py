"""Times two ways of doing the same, alternately: on a shared machine only their ratio is meaningful."""

import time
from collections.abc import Callable
from statistics import median


def seconds_of(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turns(first: Callable[[int], object], second: Callable[[int], object], rounds: int) -> tuple[float, float]:
    """Returns the median seconds of each. The order alternates; round 0 is a warm-up and does not count."""
    times: dict[Callable[[int], object], list[float]] = {first: [], second: []}
    for number in range(rounds + 1):
        for work in (first, second) if number % 2 else (second, first):
            took = seconds_of(lambda work=work, number=number: work(number))  # type: ignore[misc]
            if number:
                times[work].append(took)
    return median(times[first]), median(times[second])


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
