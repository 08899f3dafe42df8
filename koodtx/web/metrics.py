"""Metrics of requests, and of the state of the service when it is asked."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from koodtx import __version__
from koodtx.database.edition import TimescaleJobs

REQUEST_SECONDS = Histogram(
    "koodtx_request_seconds",
    "Time from a request's first byte to its reply's last.",
    ["method", "path", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


def state_metrics(jobs: TimescaleJobs | None) -> bytes:
    """Returns what is true at this moment, in the format of Prometheus. `jobs`: None while the database is away."""
    registry = CollectorRegistry()
    registry.register(_State(jobs))
    return generate_latest(registry)


class _State(Collector):
    """Not gauges: those also write to the files that the processes share, and would be in the answer once more."""

    def __init__(self, jobs: TimescaleJobs | None) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[GaugeMetricFamily]:
        info = GaugeMetricFamily("koodtx_info", "The version of the service.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        is_up = self._jobs is not None
        yield GaugeMetricFamily("koodtx_database_up", "1 if the database answers, else 0.", value=is_up)
        if self._jobs is not None:
            yield GaugeMetricFamily(
                "koodtx_timescaledb_jobs_failed",
                "Jobs of TimescaleDB whose last run failed.",
                value=len(self._jobs.failed),
            )
            yield GaugeMetricFamily(
                "koodtx_timescaledb_job_failures",
                "Failed runs of all jobs of TimescaleDB so far.",
                value=self._jobs.failures,
            )
