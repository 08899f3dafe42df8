"""An issuer that the application accepts as Google, and another one."""

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from koodtx.accounts.openid import issuer_keys
from koodtx.settings import Settings
from tests.support.openid_issuer import CLIENT_ID, OpenidIssuer, openid_issuer
from tests.support.settings import make_settings

MoveClock = Callable[[float], None]


@pytest.fixture
def issuer() -> Iterator[OpenidIssuer]:
    """Stands for Google."""
    with openid_issuer() as issuer:
        yield issuer


@pytest.fixture
def other() -> Iterator[OpenidIssuer]:
    with openid_issuer() as issuer:
        yield issuer


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, database_url: str, redis_url: str, issuer: OpenidIssuer, other: OpenidIssuer
) -> Settings:
    """With what a test asks for by `@pytest.mark.parametrize("settings", [...], indirect=True)`."""
    changes = {
        "google_issuer": issuer.url,
        "google_client_ids": f"{CLIENT_ID}, koodtx-android",
        "openid_issuers": f"{other.url} {CLIENT_ID}",
        "openid_timeout_s": 1,
    }
    return make_settings(database_url, redis_url=redis_url, **changes | getattr(request, "param", {}))


@pytest.fixture
def move_clock(monkeypatch: pytest.MonkeyPatch) -> MoveClock:
    """Moves the clock by which keys grow old."""
    ahead = 0.0

    def move(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    monkeypatch.setattr(issuer_keys, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + ahead))
    return move
