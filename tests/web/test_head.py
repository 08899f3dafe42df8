"""HEAD wherever there is GET."""

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.support.aliases import Client

pytestmark = [pytest.mark.api]


def readable_paths(app: Litestar) -> list[str]:
    """Of all GET routes without a parameter in their path."""
    routes = [route for route in app.routes if isinstance(route, HTTPRoute) and "GET" in route.methods]
    return [route.path for route in routes if not route.path_parameters]


def test_head_answers_as_get_does_without_a_body(app: Litestar, client: Client, auth_headers: dict[str, str]) -> None:
    paths = readable_paths(app)
    assert {"/health", "/api/sessions", "/docs", "/api/sync/status"} <= set(paths)
    for path in paths:
        head = client.head(path, headers=auth_headers)
        assert head.content == b"", path
        if path == "/api/v1/events":
            # The stream of a GET does not end.
            assert head.status_code == 200
            continue
        get = client.get(path, headers=auth_headers)
        assert head.status_code == get.status_code, path
        assert head.headers.get("content-type") == get.headers.get("content-type"), path


def test_head_has_the_length_of_the_body(client: Client) -> None:
    get = client.get("/", headers={"Accept-Encoding": "identity"})
    head = client.head("/", headers={"Accept-Encoding": "identity"})
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))


def test_head_is_refused_as_get_is(client: Client) -> None:
    assert client.head("/api/sessions").status_code == 401
    assert client.head("/api/nowhere").status_code == 404
    assert client.head("/api/auth/login").status_code == 405
