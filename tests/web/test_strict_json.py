"""A number as text is not a number, in every body."""

import pytest

from tests.support.aliases import Client, Document

pytestmark = [pytest.mark.api]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/api/sync/pull", {"page_size": "50"}, "page_size"),
        ("POST", "/api/sync/pull", {"include_data": "true"}, "include_data"),
        ("POST", "/api/sync/pull", {"include_data": 1}, "include_data"),
        ("POST", "/api/auth/login", {"username": 5, "password": "correct horse"}, "username"),
        ("POST", "/api/auth/refresh", {"refresh_token": 5}, "refresh_token"),
        ("PATCH", "/api/auth/me", {"name": 5}, "name"),
        ("PATCH", "/api/sessions/walk", {"notes": 5}, "notes"),
        ("POST", "/api/v1/analysis", {"kind": "analyze_sensor_data", "session_id": 5}, "session_id"),
    ],
)
def test_values_are_not_converted(
    client: Client, auth_headers: dict[str, str], method: str, path: str, body: Document, field: str
) -> None:
    reply = client.request(method, path, json=body, headers=auth_headers)
    assert reply.status_code == 422, reply.text
    assert [error["field"] for error in reply.json()["errors"]] == [field]
