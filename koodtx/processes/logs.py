"""Log files of child processes."""

import os
from pathlib import Path

_LOG_LIMIT_BYTES = 10_000_000


def open_private(path: str, flags: int) -> int:
    """An opener for `open`. Mode 0600: logs may contain people's addresses."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def begin_log(log: Path) -> int:
    """The offset at which the next lines will be written. A log that has grown large is set aside first."""
    if not log.exists():
        return 0
    size = log.stat().st_size
    if size < _LOG_LIMIT_BYTES:
        return size
    log.replace(log.with_name(log.name + ".1"))
    return 0


def last_lines_of(log: Path, start: int = 0) -> str:
    """The last lines of a log that were written after `start`, as one line."""
    return last_lines(log.read_bytes()[start:].decode(errors="replace"))


def last_lines(text: str, count: int = 4) -> str:
    """The last lines that are not blank, as one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-count:]) or "(no output)"
