"""docs/sync.md: its examples are sent, its tables compared with what the service does."""

import json
import re
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.docs.pages import blocks, read, rows
from tests.support.aliases import CreateUser
from tests.support.readings import START_MS

pytestmark = [pytest.mark.api, pytest.mark.sync]

# What differs at each run; a later example refers to it by the value that is written.
_VOLATILE = {"server_timestamp", "created_at", "updated_at", "cursor", "sync_log_id", "request_id"}
_VOLATILE |= {"accepted_times", "clock_offset_ms"}


def test_every_example_is_answered_as_written(client: TestClient[Litestar], auth_headers: dict[str, str]) -> None:
    actual_of: dict[Any, Any] = {}
    examples = _examples()
    assert len(examples) == 9

    for method, path, body, documented in examples:
        for written, actual in actual_of.items():
            body = body.replace(json.dumps(written), json.dumps(actual))
        reply = client.request(method, path, content=body, headers=auth_headers | {"Content-Type": "application/json"})
        answer = reply.json()
        actual_of |= _volatile_pairs(documented, answer)
        assert _constant(answer) == _constant(documented)


def test_every_rejection_code_is_listed(
    client: TestClient[Litestar], create_user: CreateUser, db: psycopg.Connection[Any]
) -> None:
    deep: Any = 1
    for _ in range(9):
        deep = [deep]
    refused = {
        "invalid": [_reading(sensor_type="")],
        "out_of_range": [_reading(timestamp=0)],
        "future": [_reading(timestamp=START_MS * 2)],
        "data_too_large": [_reading(data={"note": "x" * 5000})],
        "data_too_deep": [_reading(data={"deep": deep})],
        "invalid_data": [_reading(data={"note": "\0"})],
        "too_many_types": [_reading(sensor_type=f"type {number}") for number in range(65)],
        "archived": [_reading()],
    }
    user = create_user()
    held: set[str] = set()
    for code, readings in refused.items():
        body = {"session": {"session_id": code, "start_time": START_MS}, "sensor_data": readings}
        if code == "archived":
            client.post("/api/sync/push", json=body, headers=user["headers"])
            db.execute("select app.archive_readings(id) from app.recording_sessions where session_id = 'archived'")
        reply = client.post("/api/sync/push", json=body, headers=user["headers"]).json()
        assert {item["code"] for item in reply["rejected"]} == {code}
        held |= {item["code"] for item in reply["rejected"] if item.get("hold")}

    documented = re.search(r"### Refused readings\n(.*?)\n###", read("docs/sync.md"), re.DOTALL)
    assert documented is not None
    assert {row[0].strip("`") for row in rows(documented[1])} == set(refused)
    assert {row[0].strip("`") for row in rows(documented[1]) if row[2] == "holds it"} == held


def _examples() -> list[tuple[str, str, str, Any]]:
    """Method, path and body of each request, with the reply that follows it."""
    examples = []
    parts = blocks(read("docs/sync.md"))
    for (language, request), (_, reply) in pairwise(parts):
        if language == "http":
            line, body = request.split("\n\n", 1)
            method, path = line.split()
            examples.append((method, path, body, json.loads(reply)))
    return examples


def _constant(value: Any) -> Any:
    """Without the values that differ at each run; whether they are null must agree."""
    if isinstance(value, dict):
        return {key: item is None if key in _VOLATILE else _constant(item) for key, item in value.items()}
    return [_constant(item) for item in value] if isinstance(value, list) else value


def _volatile_pairs(documented: Any, actual: Any) -> dict[Any, Any]:
    return {
        documented[name]: actual[name]
        for name in ("cursor", "server_timestamp")
        if documented.get(name) is not None and actual.get(name) is not None
    }


def _reading(**fields: Any) -> dict[str, Any]:
    return {"sensor_type": "accelerometer", "timestamp": START_MS, "data": {"x": 1}} | fields
