"""Every example of a request in the OpenAPI document is answered by 2xx, sent in the order of a day with the app."""

from typing import Any

import httpx
import jsonschema_rs
import psycopg
import pytest

from koodtx.settings import Settings
from tests.support.openid_issuer import accepting, openid_issuer
from tests.support.serving import serving
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.integration]

# What others need comes first, and what ends something last; in between, any order.
_FIRST = [
    "register",
    "login",
    "linkIdentity",
    "logInWithGoogle",
    "logInWithOpenid",
    "push",
    "pull",
    "startAnalysis",
    "createTeam",
    "putRecord",
    "createScript",
    "setTokens",
]
_LAST = [
    "removeBookmark", "deleteScript", "deleteActor",
    "deleteRecord", "deleteSchedule", "deleteScheduleByQuery", "retryJobs", "cancelJobs", "deleteSession",
    "changePassword", "refresh", "logout",
]  # fmt: skip


# Signed by the analysis server: tests/takes/test_webhook.py sends its example.
_OF_OTHERS = {"reportAnalysis"}


def test_every_example_of_a_request_succeeds(settings: Settings, db: psycopg.Connection[Any]) -> None:
    with openid_issuer() as issuer, serving(settings, accepting(issuer)) as client:
        document = client.get("/docs/openapi.json").json()
        requests = sorted(_requests(document), key=lambda request: _rank(request[0]))
        assert {"register", "login", "push", "pull", "startAnalysis", "createTeam", "annotateSession", "getSession",
                "getSeries", "changeMe", "changePassword", "refresh", "logout"
                } <= {request[0] for request in requests}  # fmt: skip

        tokens = {"id_token": issuer.token()}
        for operation, method, url, body in requests:
            headers = {"Authorization": f"Bearer {tokens['access_token']}"} if "access_token" in tokens else {}
            # The example of a token, or of a team, is one that nobody has.
            sent = {name: tokens.get(name, value) for name, value in body.items()} if body is not None else None
            reply = client.request(method, url, json=sent, headers=headers)
            assert reply.is_success, f"{operation} {url} {body}: {reply.text}"
            _assert_as_documented(document, operation, reply)
            if "access_token" in reply.text:
                tokens |= {name: reply.json()[name] for name in ("access_token", "refresh_token")}
            if operation == "createTeam":
                tokens["team_id"] = reply.json()["team_id"]
            if operation == "register":
                _promote(client, db, tokens["access_token"])
            if operation == "push":
                assert reply.json()["errors"] == 0


def _assert_as_documented(document: Any, operation: str, reply: httpx.Response) -> None:
    """All that is required is there, and all that is there fits."""
    (described,) = [
        described
        for methods in document["paths"].values()
        for described in methods.values()
        if described["operationId"] == operation
    ]
    contents = described["responses"][str(reply.status_code)].get("content", {})
    media_type = reply.headers.get("content-type", "").partition(";")[0]
    assert media_type in contents or not reply.content, operation
    content = contents.get(media_type)
    if content is not None and media_type == "application/json":
        validator = jsonschema_rs.Draft202012Validator(content["schema"] | {"components": document["components"]})
        wrong = [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(reply.json())]
        assert wrong == [], operation


def _requests(document: Any) -> list[tuple[str, str, str, Any]]:
    """Operation, method, URL and body of every example, and of what can be asked without a body."""
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parameters = operation.get("parameters", [])
            values = {parameter["name"]: parameter["example"] for parameter in parameters if "example" in parameter}
            needed = {parameter["name"] for parameter in parameters if parameter.get("required")}
            streams = any("text/event-stream" in reply.get("content", {}) for reply in operation["responses"].values())
            if needed <= set(values) and not streams and operation["operationId"] not in _OF_OTHERS:
                in_path = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
                query = "&".join(f"{name}={value}" for name, value in values.items() if name not in in_path)
                url = path.format(**values) + "?" * bool(query) + query
                content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                bodies = [example["value"] for example in content.get("examples", {}).values()] or [None]
                found += [(operation["operationId"], method.upper(), url, body) for body in bodies]
    return found


def _rank(operation: str) -> int:
    return _FIRST.index(operation) if operation in _FIRST else 100 + (operation in _LAST and _LAST.index(operation) + 1)


def _promote(client: httpx.Client, db: psycopg.Connection[Any], token: str) -> None:
    """Makes the user an administrator, as some examples are for administrators."""
    db.execute("update app.users set role = 'admin'")
    headers = {"Authorization": f"Bearer {token}"}
    wait_until(lambda: client.get("/api/v1/admin/workers", headers=headers).is_success, 10)
