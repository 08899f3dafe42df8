"""Every setting, read from the environment (`KOODTX_...`) and from `.env`.

docs/settings.md and .env.example are made from the descriptions below: `python -m koodtx.settings_reference`.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta, Struct

from koodtx.errors import SettingsError

PREFIX = "KOODTX_"
_LANES = ("interactive", "batch")

Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]


class Settings(Struct, frozen=True, kw_only=True):
    """All settings, checked. Times in seconds unless the name says otherwise."""

    database_url: Annotated[
        str, Meta(description="PostgreSQL that the service uses, as the role koodtx_app or a member of it.")
    ]
    migration_database_url: Annotated[
        str, Meta(description="The same database as its owner, for `koodtx migrate`. Empty: DATABASE_URL.")
    ] = ""
    redis_url: Annotated[
        str,
        Meta(
            description="Redis that rings for workers and listeners and holds cache and rate limits, "
            "`redis://` or `rediss://` (TLS). Empty: no workers."
        ),
    ] = ""
    secret_key: Annotated[
        str, Meta(min_length=32, description="Signs tokens and cursors: 32 characters or more, the same everywhere.")
    ]
    timescaledb: Annotated[
        Literal["auto", "off"],
        Meta(description="`off` makes plain tables even where the TimescaleDB extension is there."),
    ] = "auto"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least level that is logged.")
    ] = "info"
    cors_origins: Annotated[
        str, Meta(description="Origins of web clients, comma separated, e.g. `https://app.example.org`.")
    ] = ""
    trusted_proxies: Annotated[
        str, Meta(description="Networks whose X-Forwarded-For is believed, comma separated, e.g. `10.0.0.0/8`.")
    ] = ""
    timezone: Annotated[str, Meta(description="IANA time zone of schedules and of new accounts.")] = "UTC"
    pool_min: Annotated[Count, Meta(description="Database connections kept open by each API process.")] = 2
    pool_max: Annotated[Positive, Meta(description="Database connections at most, each API process.")] = 10
    pool_max_lifetime_s: Annotated[Positive, Meta(description="Age at which a database connection is replaced.")] = 3600
    pool_timeout_s: Annotated[Positive, Meta(description="Wait for a free connection, then 503.")] = 10
    chunk_days: Annotated[
        Positive, Meta(description="Days in a chunk of the sensor data, read when the hypertable is made.")
    ] = 7
    max_age_days: Annotated[Positive, Meta(description="Readings older than this are refused as `out_of_range`.")] = (
        5479
    )
    max_body_bytes: Annotated[Positive, Meta(description="A request body on the wire, else 413.")] = 10_000_000
    max_inflated_bytes: Annotated[Positive, Meta(description="A gzip body unpacked, else 413.")] = 20_000_000
    max_push_readings: Annotated[Positive, Meta(description="Readings in one push, else 413.")] = 50_000
    max_bytes_in_flight: Annotated[
        Positive, Meta(description="Request bodies held at once by each API process, else 429.")
    ] = 80_000_000
    pushes_per_minute: Annotated[Count, Meta(description="Pushes a minute a device, else 429. 0: no limit.")] = 60
    max_user_readings: Annotated[Count, Meta(description="Readings a user may have stored, else 429. 0: no limit.")] = 0
    max_user_jobs: Annotated[
        Count,
        Meta(description="Jobs of a user that may wait for a worker, and as many for later, else 429. 0: no limit."),
    ] = 200
    worker_lanes: Annotated[
        str,
        Meta(description="Lanes of jobs that a worker takes, comma separated, the first one first."),
    ] = "interactive,batch"
    logins_per_minute: Annotated[
        Count, Meta(description="Log-in attempts a minute an account, else 429. 0: no limit.")
    ] = 10
    logins_per_minute_address: Annotated[
        Count, Meta(description="Log-in and registration attempts a minute an address, else 429. 0: no limit.")
    ] = 60

    @property
    def cors_origin_list(self) -> list[str]:
        return _split(self.cors_origins)

    @property
    def worker_lane_list(self) -> list[str]:
        return _split(self.worker_lanes)

    @property
    def trusted_proxy_list(self) -> list[str]:
        return _split(self.trusted_proxies)


def load(environ: Mapping[str, str] | None = None, *, env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process. The environment beats `env_file`.

    Raises SettingsError, naming the setting, when one is missing or wrong.
    """
    values = read_env_file(env_file) | dict(os.environ if environ is None else environ)
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in values.items()
        if name.startswith(PREFIX) and value != ""
    }
    try:
        settings = msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_named(str(error))) from error
    _check_timezone(settings.timezone)
    _check_lanes(settings.worker_lane_list)
    return settings


def read_env_file(path: Path | None) -> dict[str, str]:
    """`NAME=value` lines; blank lines and lines that begin with # are passed over."""
    if path is None or not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _named(message: str) -> str:
    """msgspec's words with the setting's own name: "`$.pool_max`" becomes "KOODTX_POOL_MAX"."""
    for field in msgspec.structs.fields(Settings):
        message = message.replace(f"`$.{field.name}`", PREFIX + field.name.upper())
        message = message.replace(f"`{field.name}`", PREFIX + field.name.upper())
    return message


def _check_lanes(lanes: list[str]) -> None:
    unknown = [lane for lane in lanes if lane not in _LANES]
    if unknown or not lanes:
        raise SettingsError(f"KOODTX_WORKER_LANES must name some of {', '.join(_LANES)}, got {unknown or 'none'}")


def _check_timezone(name: str) -> None:
    if name not in available_timezones():
        raise SettingsError(f"KOODTX_TIMEZONE is no IANA time zone: {name!r}")
    ZoneInfo(name)
