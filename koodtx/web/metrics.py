"""What /metrics shows of requests."""

from prometheus_client import Histogram

REQUEST_SECONDS = Histogram(
    "koodtx_request_seconds",
    "Time from a request's first byte to its reply's last.",
    ["method", "path", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
