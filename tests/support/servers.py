"""Folders and settings of PostgreSQL servers that tests start."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Without fsync: a test machine may lose a test. The fault tests, which kill servers, start their own with it on.
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "log_min_messages": "fatal",
    "max_wal_size": "256MB",
}
# For a server that one test starts: initdb takes most of the time.
FAST_AND_SMALL = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}

_MEMORY = Path("/dev/shm")
_ENOUGH_MEMORY = 4 * 1024**3


def roomy_memory() -> Path | None:
    """Returns a folder in memory if there is enough: a database is a thousand files, created and deleted."""
    is_roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH_MEMORY and os.access(_MEMORY, os.W_OK)
    return _MEMORY if is_roomy else None


@contextmanager
def server_folder() -> Iterator[Path]:
    """A folder that the servers' account can enter when we are root, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="koodtx-tests-", dir=roomy_memory()) as name:
        path = Path(name).resolve()
        path.chmod(0o755)
        yield path
