"""My page of a user, over HTTP, and takes as the analysis leaves them in the database."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.aliases import Call, Client, CreateUser, Db, Document
from tests.support.speech import make_script


@pytest.fixture
def admin(create_user: CreateUser, db: Db) -> dict[str, str]:
    """An administrator's Authorization."""
    headers: dict[str, str] = create_user("admin")["headers"]
    db.execute("update app.users set role = 'admin' where username = 'admin'")
    return headers


@pytest.fixture
def ask(client: Client, auth_headers: dict[str, str]) -> Call:
    """ask(method, path, ...) as the user, below /api/mypage; the reply, whose status must be the one expected."""

    def call(method: str, path: str, *, status: int = 200, headers: dict[str, str] | None = None, **rest: Any) -> Any:
        reply = client.request(method, f"/api/mypage{path}", headers=headers or auth_headers, **rest)
        assert reply.status_code == status, reply.text
        return reply.json() if reply.content else None

    return call


@pytest.fixture
def tokens(client: Client, admin: dict[str, str]) -> list[int]:
    """The token_ids of five lines, of two scripts."""
    made = [make_script(client, admin, "하나", "둘", "셋"), make_script(client, admin, "넷", "다섯", title="숫자")]
    return [token["token_id"] for script in made for token in script["tokens"]]


@pytest.fixture
def take(db: Db, user: Document) -> Call:
    """take(token_id, scores or an error or nothing, at=..., user_id=...): the job_id of a take of a line.

    Scores: pronunciation, intonation, emotion, overall.
    """

    def insert(token_id: int, found: Any = None, *, at: str = "now", user_id: int | None = None) -> UUID:
        job_id, key = uuid4(), f"take/{uuid4().hex}"
        status = "processing" if found is None else "failed" if isinstance(found, str) else "completed"
        scores = found if status == "completed" else (None,) * 4
        db.execute(
            "insert into app.stored_objects (key, purpose, file_name, media_type, stored_at, byte_count)"
            " values (%s, 'take', 'take.wav', 'audio/wav', now(), 1)", [key],
        )  # fmt: skip
        db.execute(
            "insert into app.takes (job_id, user_id, line_id, audio_key, duration_s, sample_rate_hz, created_at,"
            " give_up_at, status, pronunciation_score, intonation_score, emotion_score, overall_score, error,"
            " finished_at) values (%s, %s, %s, %s, 1.5, 8000, %s::timestamptz, now(), %s, %s, %s, %s, %s, %s,"
            " case when %s then now() end)",
            [job_id, user_id or user["user"]["id"], token_id, key, at, status, *scores,
             found if status == "failed" else None, status != "processing"],
        )  # fmt: skip
        return job_id

    return insert
