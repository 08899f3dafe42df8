"""The diary of a user, over HTTP."""

from typing import Any

import pytest

from tests.support.aliases import Call, Client


@pytest.fixture
def ask(client: Client, auth_headers: dict[str, str]) -> Call:
    """ask(method, path, ...) as the user; the reply, whose status must be the one expected."""

    def call(method: str, path: str, *, status: int = 200, headers: dict[str, str] | None = None, **rest: Any) -> Any:
        reply = client.request(method, f"/api/records{path}", headers=headers or auth_headers, **rest)
        assert reply.status_code == status, reply.text
        return reply.json() if reply.content else None

    return call
