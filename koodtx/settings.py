"""Every setting, read from the environment (`KOODTX_...`) and from `.env`: those of the rooms, and common ones.

docs/settings.md and .env.example are generated from their descriptions: `python -m tools.settings_page`.
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta, Struct

from koodtx.accounts.settings import AccountSettings, check_issuers
from koodtx.database.settings import DatabaseSettings
from koodtx.errors import SettingsError
from koodtx.exports.settings import ExportSettings
from koodtx.jobs.settings import JobSettings, check_lanes
from koodtx.recommendations.settings import RecommendationSettings, check_recommender
from koodtx.setting_types import split
from koodtx.signing import Keys
from koodtx.storage.settings import StorageSettings, check_storage_url
from koodtx.sync.settings import SyncSettings
from koodtx.takes.settings import TakeSettings, check_analysis_server
from koodtx.web.settings import WebSettings
from koodtx.webhooks.settings import WebhookSettings

PREFIX = "KOODTX_"
_OWNER_URL = "migration_database_url"
_MIN_KEY_LENGTH = 32


class CommonSettings(Struct, frozen=True, kw_only=True):
    """What is not of one room only."""

    redis_url: Annotated[
        str,
        Meta(
            description="Redis for notifications, cache and rate limits: `redis://` or `rediss://` (TLS). "
            "Workers do not start without it."
        ),
    ] = ""
    secret_key: Annotated[
        str,
        Meta(
            min_length=_MIN_KEY_LENGTH,
            description="Signs tokens and cursors: 32 characters or more, the same in every process.",
        ),
    ]
    old_secret_keys: Annotated[
        str,
        Meta(
            description="Earlier values of `KOODTX_SECRET_KEY`, separated by commas: what they signed is still"
            " accepted."
        ),
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Lowest level that is logged.")
    ] = "info"
    timezone: Annotated[str, Meta(description="IANA time zone of the default schedules and of new accounts.")] = "UTC"

    @property
    def signing_keys(self) -> Keys:
        """The first signs; what the others have signed is still accepted."""
        return (self.secret_key, *split(self.old_secret_keys))


if TYPE_CHECKING:

    class Settings(
        DatabaseSettings,
        CommonSettings,
        WebSettings,
        SyncSettings,
        JobSettings,
        AccountSettings,
        StorageSettings,
        ExportSettings,
        RecommendationSettings,
        WebhookSettings,
        TakeSettings,
        frozen=True,
        kw_only=True,
    ):
        """All settings, validated. Units are in the names: `_s` is seconds."""

else:
    # A struct with fields can have only one base with fields: theirs are put together here.
    _PARTS = (
        DatabaseSettings,
        CommonSettings,
        WebSettings,
        SyncSettings,
        JobSettings,
        AccountSettings,
        StorageSettings,
        ExportSettings,
        RecommendationSettings,
        WebhookSettings,
        TakeSettings,
    )

    def _fields(part: type[Struct]) -> Iterator[tuple[str, Any, Any]]:
        types = get_type_hints(part, include_extras=True)
        for field in msgspec.structs.fields(part):
            yield field.name, types[field.name], field.default

    Settings = msgspec.defstruct(
        "Settings",
        [field for part in _PARTS for field in _fields(part)],
        namespace={name: value for part in _PARTS for name, value in vars(part).items() if isinstance(value, property)},
        module=__name__,
        frozen=True,
        kw_only=True,
    )


def load(
    environ: Mapping[str, str] | None = None, *, env_file: Path | None = Path(".env"), is_for_database: bool = False
) -> Settings:
    """Returns the settings of this process. The environment takes precedence over `env_file`.

    `is_for_database`: of a command that signs nothing and connects as the database owner, who may be named alone.
    Raises SettingsError, which names the setting, if one is missing or not valid.
    """
    values = read_env_file(env_file) | dict(os.environ if environ is None else environ)
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in values.items()
        if name.startswith(PREFIX) and value != ""
    }
    if is_for_database:
        owner_url = {"database_url": given[_OWNER_URL]} if _OWNER_URL in given else {}
        given = {"secret_key": secrets.token_hex(), **owner_url, **given}
    try:
        settings = msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_named(str(error))) from error
    _check_timezone(settings.timezone)
    _check_old_keys(settings.signing_keys[1:])
    check_issuers(settings)
    check_storage_url(settings.storage_url)
    check_lanes(settings.worker_lane_list)
    check_recommender(settings.recommender, settings.chat_url, settings.chat_model, settings.chat_api_key)
    check_analysis_server(settings.analysis_server_url, settings.analysis_server_secret, settings.public_url)
    return settings


def read_env_file(path: Path | None) -> dict[str, str]:
    """Reads lines `NAME=value`; skips blank lines and lines that begin with #."""
    if path is None or not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


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


def _check_old_keys(keys: Keys) -> None:
    # A key must not be in a message: only its place is.
    for place, key in enumerate(keys, 1):
        if len(key) < _MIN_KEY_LENGTH:
            raise SettingsError(
                f"KOODTX_OLD_SECRET_KEYS must have keys of {_MIN_KEY_LENGTH} characters or more, separated by commas,"
                f" got {len(key)} characters in key {place}"
            )
