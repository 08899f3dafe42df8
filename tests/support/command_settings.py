"""Settings and environments of commands that log in as the database owner."""

import os
from typing import Any

from koodtx.settings import Settings
from tests.support.settings import SECRET


def settings_of(url: str, **changes: Any) -> Settings:
    """Returns settings that know only this database."""
    values: dict[str, Any] = {"database_url": url, "secret_key": SECRET, "log_level": "error"}
    return Settings(**values | changes)


def command_environment(url: str) -> dict[str, str]:
    """Returns the environment of a command; it has none of the tests' own settings."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("KOODTX_")}
    return others | {"KOODTX_DATABASE_URL": url, "KOODTX_SECRET_KEY": SECRET}
