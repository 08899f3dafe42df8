"""The catalogue over HTTP, read by a user and written by an administrator."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.aliases import Call, Client, CreateUser, Db
from tests.support.speech import make_script


@pytest.fixture
def admin(create_user: CreateUser, db: Db) -> dict[str, str]:
    """An administrator's Authorization."""
    headers: dict[str, str] = create_user("admin")["headers"]
    db.execute("update app.users set role = 'admin' where username = 'admin'")
    return headers


@pytest.fixture
def ask(client: Client, auth_headers: dict[str, str]) -> Call:
    """ask(method, path, ...) as a user; the reply, whose status must be the one expected."""
    return _caller(client, auth_headers)


@pytest.fixture
def write(client: Client, admin: dict[str, str]) -> Call:
    """The same as an administrator, below /api/admin."""
    return _caller(client, admin, "/api/admin")


@pytest.fixture
def script(client: Client, admin: dict[str, str]) -> Call:
    """script(lines ..., title=...): a new script."""
    return lambda *lines, **fields: make_script(client, admin, *lines, **fields)


@pytest.fixture
def take(db: Db) -> Call:
    """take(token_id): a take of that line by the first user, which is being analysed."""

    def insert(token_id: int) -> None:
        key = f"take/{uuid4().hex}"
        db.execute(
            "insert into app.stored_objects (key, purpose, file_name, media_type, stored_at, byte_count)"
            " values (%s, 'take', 'take.wav', 'audio/wav', now(), 1)", [key],
        )  # fmt: skip
        db.execute(
            "insert into app.takes (job_id, user_id, line_id, audio_key, duration_s, sample_rate_hz, give_up_at)"
            " select %s, min(id), %s, %s, 1.5, 8000, now() from app.users", [uuid4(), token_id, key],
        )  # fmt: skip

    return insert


def _caller(client: Client, headers: dict[str, str], prefix: str = "") -> Call:
    def call(method: str, path: str, *, status: int = 200, **rest: Any) -> Any:
        reply = client.request(method, prefix + path, headers=headers, **rest)
        assert reply.status_code == status, reply.text
        return reply.json() if reply.content else None

    return call
