"""Settings and environments that point at a database of a test."""

import os
from typing import Any

from koodtx.settings import Settings

_SECRET = "a secret of the tests, 32 characters or more"


def settings_of(url: str, **changes: Any) -> Settings:
    values: dict[str, Any] = {"database_url": url, "secret_key": _SECRET, "log_level": "error"}
    return Settings(**values | changes)


def environment(url: str) -> dict[str, str]:
    """Of a process of the command line; nothing of the tests' own settings is in it."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("KOODTX_")}
    return others | {"KOODTX_DATABASE_URL": url, "KOODTX_SECRET_KEY": _SECRET}
