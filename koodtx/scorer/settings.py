"""Settings of the scorer, which is a process of its own: from the environment and `.env`, as those of the API."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from koodtx.errors import SettingsError
from koodtx.setting_types import split
from koodtx.settings import PREFIX, read_env_file
from koodtx.webhooks.signature import read_secret

_SECRET = "KOODTX_ANALYSIS_SERVER_SECRET"  # noqa: S105 - a name


class ScorerSettings(Struct, frozen=True, kw_only=True):
    """`scorer_...`: set by the options of the command, for the process that it starts."""

    analysis_server_secret: str = ""
    scorer_public_urls: str = ""
    scorer_is_lazy: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def secrets(self) -> list[bytes]:
        """The first signs; what any of them has signed is accepted."""
        return [read_secret(text) for text in split(self.analysis_server_secret)]


def load(environ: Mapping[str, str] | None = None) -> ScorerSettings:
    """Raises SettingsError, which names the setting and does not show a secret."""
    values = read_env_file(Path(".env")) | dict(os.environ if environ is None else environ)
    given = {name.removeprefix(PREFIX).lower(): value for name, value in values.items() if name.startswith(PREFIX)}
    try:
        settings = msgspec.convert(
            {name: value for name, value in given.items() if value}, ScorerSettings, strict=False
        )
        if not settings.secrets:
            raise SettingsError(f"{_SECRET} is not set: the secret that the API has as well, whsec_...")
    except msgspec.ValidationError as error:
        raise SettingsError(f"{PREFIX}LOG_LEVEL is not valid: {error}") from error
    except ValueError as error:
        raise SettingsError(f"{_SECRET}: {error}") from error
    return settings
