"""Metrics of requests, and of the state of the service when it is asked."""

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

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
    Gauge("koodtx_info", "The version of the service.", ["version"], registry=registry).labels(__version__).set(1)
    database_up = Gauge("koodtx_database_up", "1 if the database answers, else 0.", registry=registry)
    database_up.set(jobs is not None)
    if jobs is not None:
        failed = Gauge(
            "koodtx_timescaledb_jobs_failed", "Jobs of TimescaleDB whose last run failed.", registry=registry
        )
        failed.set(len(jobs.failed))
        failures = Gauge(
            "koodtx_timescaledb_job_failures", "Failed runs of all jobs of TimescaleDB so far.", registry=registry
        )
        failures.set(jobs.failures)
    return generate_latest(registry)
