"""Structured logs."""

import logging
import sys

import structlog
from structlog.contextvars import merge_contextvars


def configure_logs(level: str) -> None:
    """Writes JSON lines of `level` and above to stderr."""
    structlog.configure(
        processors=[
            merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *names: structlog.PrintLogger(sys.stderr),
    )
