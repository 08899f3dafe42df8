"""Who listens."""

from typing import Any

import pytest


@pytest.fixture
def token(user: dict[str, Any]) -> str:
    """The user's access token."""
    text: str = user["access_token"]
    return text
