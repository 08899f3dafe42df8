"""Pushing and pulling as one call each."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import requests
from tests.support.aliases import Call, Client, Document, User
from tests.support.readings import reading
from tests.support.requests import log_in, push_body


@pytest.fixture
def push(client: Client, auth_headers: dict[str, str]) -> Call:
    """Pushes readings to a session of the user; the reply, whose status must be the one expected."""

    def call(
        readings: Any = (),
        session_id: str = "walk",
        *,
        push_id: str | None = None,
        headers: dict[str, str] | None = None,
        status: int = 200,
        **fields: Any,
    ) -> Document:
        body = push_body(readings, session_id, push_id=push_id, **fields)
        return requests.push(client, auth_headers | (headers or {}), body, status)

    return call


@pytest.fixture
def other_phone(client: Client, user: User) -> dict[str, str]:
    """The Authorization of the same user on a second device."""
    return log_in(client, user, "other phone")


@pytest.fixture(name="reading")
def reading_fixture() -> Callable[..., dict[str, Any]]:
    """Makes a reading: reading(offset_ms, sensor, **data)."""
    return reading
