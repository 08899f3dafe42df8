"""The sessions of a user, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

Call = Callable[..., Any]


@pytest.fixture
def ask(client: TestClient[Litestar], auth_headers: dict[str, str]) -> Call:
    """ask(method, path, ...) as the user; the reply, whose status must be the one expected."""

    def call(method: str, path: str, *, status: int = 200, headers: dict[str, str] | None = None, **rest: Any) -> Any:
        reply = client.request(method, f"/api/sessions{path}", headers=headers or auth_headers, **rest)
        assert reply.status_code == status, reply.text
        return reply.json() if reply.content else None

    return call


@pytest.fixture
def pull(client: TestClient[Litestar], auth_headers: dict[str, str]) -> Call:
    def call(**members: Any) -> Any:
        reply = client.post("/api/sync/pull", json=members, headers=auth_headers)
        assert reply.status_code == 200, reply.text
        return reply.json()

    return call
