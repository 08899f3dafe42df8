"""Requests of logins with ID tokens."""

from typing import Any

from tests.support.aliases import Client, Document


def log_in(client: Client, token: str, *, path: str = "google", **fields: Any) -> Any:
    return client.post(f"/api/auth/{path}", json={"id_token": token} | fields)


def logged_in(client: Client, token: str, **fields: Any) -> Document:
    """The answer to a login that must succeed."""
    reply = log_in(client, token, **fields)
    assert reply.status_code == 200, reply.text
    answer: Document = reply.json()
    return answer


def headers_of(answer: Document) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer['access_token']}"}


def problem_of(reply: Any) -> tuple[int, str]:
    """Status and problem type."""
    return reply.status_code, reply.json()["type"].removeprefix("urn:koodtx:problem:")


def link(client: Client, token: str, headers: dict[str, str], **fields: Any) -> Any:
    return client.post("/api/auth/identities", json={"id_token": token} | fields, headers=headers)
