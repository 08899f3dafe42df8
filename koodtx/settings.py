"""Every setting, read from the environment (`KOODTX_...`) and from `.env`.

docs/settings.md and .env.example are generated from the descriptions below: `python -m koodtx.settings_reference`.
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

Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]


class Settings(Struct, frozen=True, kw_only=True):
    """All settings, validated. Units are in the names: `_s` is seconds."""

    database_url: Annotated[
        str, Meta(description="Database of the service; the login must be `koodtx_app` or a member of it.")
    ]
    migration_database_url: Annotated[
        str, Meta(description="The same database as its owner, for `koodtx migrate`. Empty: `KOODTX_DATABASE_URL`.")
    ] = ""
    redis_url: Annotated[
        str,
        Meta(
            description="Redis for notifications, cache and rate limits: `redis://` or `rediss://` (TLS). "
            "Workers do not start without it."
        ),
    ] = ""
    secret_key: Annotated[
        str,
        Meta(min_length=32, description="Signs tokens and cursors: 32 characters or more, the same in every process."),
    ]
    timescaledb: Annotated[
        Literal["auto", "off"],
        Meta(description="`off` creates plain tables even if the TimescaleDB extension is installed."),
    ] = "auto"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Lowest level that is logged.")
    ] = "info"
    cors_origins: Annotated[
        str, Meta(description="Origins allowed for web clients, separated by commas, e.g. `https://app.example.org`.")
    ] = ""
    trusted_proxies: Annotated[
        str,
        Meta(description="Networks of trusted proxies (`X-Forwarded-For`), separated by commas, e.g. `10.0.0.0/8`."),
    ] = ""
    timezone: Annotated[str, Meta(description="IANA time zone of the default schedules and of new accounts.")] = "UTC"
    pool_min: Annotated[Count, Meta(description="Minimum number of database connections per API process.")] = 2
    pool_max: Annotated[Positive, Meta(description="Maximum number of database connections per API process.")] = 10
    pool_max_lifetime_s: Annotated[
        Positive, Meta(description="Age in seconds at which a database connection is replaced.")
    ] = 3600
    pool_timeout_s: Annotated[
        Positive, Meta(description="Seconds to wait for a free database connection before answering 503.")
    ] = 10
    chunk_days: Annotated[
        Positive, Meta(description="Days per chunk of sensor data; used only when the hypertable is created.")
    ] = 7
    max_age_days: Annotated[
        Positive, Meta(description="Maximum age of a reading in days; older ones are rejected as `out_of_range`.")
    ] = 5479
    max_body_bytes: Annotated[Positive, Meta(description="Maximum bytes of a request body as sent; else 413.")] = (
        10_000_000
    )
    max_inflated_bytes: Annotated[
        Positive, Meta(description="Maximum bytes of a gzip body after decompression; else 413.")
    ] = 20_000_000
    max_push_readings: Annotated[Positive, Meta(description="Maximum number of readings per push; else 413.")] = 50_000
    max_bytes_in_flight: Annotated[
        Positive, Meta(description="Maximum bytes of request bodies that an API process holds at once; then 429.")
    ] = 80_000_000
    pushes_per_minute: Annotated[Count, Meta(description="Pushes per minute and device; then 429. 0: no limit.")] = 60
    max_user_readings: Annotated[
        Count, Meta(description="Stored readings per user; then pushes get 429. 0: no limit.")
    ] = 0
    max_user_jobs: Annotated[Count, Meta(description="Waiting analysis jobs per user; then 429. 0: no limit.")] = 200
    logins_per_minute: Annotated[
        Count, Meta(description="Login attempts per minute and account; then 429. 0: no limit.")
    ] = 10
    logins_per_minute_address: Annotated[
        Count, Meta(description="Login and registration attempts per minute and IP address; then 429. 0: no limit.")
    ] = 60

    @property
    def cors_origin_list(self) -> list[str]:
        return _split(self.cors_origins)

    @property
    def trusted_proxy_list(self) -> list[str]:
        return _split(self.trusted_proxies)


def load(environ: Mapping[str, str] | None = None, *, env_file: Path | None = Path(".env")) -> Settings:
    """Returns the settings of this process. The environment takes precedence over `env_file`.

    Raises SettingsError, which names the setting, if one is missing or not valid.
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
    return settings


def read_env_file(path: Path | None) -> dict[str, str]:
    """Reads lines `NAME=value`; skips blank lines and lines that begin with #."""
    if path is None or not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _named(message: str) -> str:
    """Replaces field names in a message of msgspec by names of settings: "`$.pool_max`" becomes "KOODTX_POOL_MAX"."""
    for field in msgspec.structs.fields(Settings):
        message = message.replace(f"`$.{field.name}`", PREFIX + field.name.upper())
        message = message.replace(f"`{field.name}`", PREFIX + field.name.upper())
    return message


def _check_timezone(name: str) -> None:
    if name not in available_timezones():
        raise SettingsError(f"KOODTX_TIMEZONE must be an IANA time zone such as Asia/Seoul, got {name!r}")
    ZoneInfo(name)
