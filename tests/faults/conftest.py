"""A running `koodtx up`, shared by the tests of a module that leave it running."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import PASSWORD
from tests.faults.stack import Stack, running_stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A module may override this fixture to change settings."""
    with running_stack() as stack:
        yield stack


def register(stack: Stack, name: str) -> dict[str, str]:
    """A new account; its Authorization."""
    account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "device_id": "phone"}
    reply = httpx.post(f"{stack.url}/api/auth/register", json=account, timeout=10)
    assert reply.status_code == 201, reply.text
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}
