"""docs/analysis.md: its examples are sent, its tables compared with what the service does."""

import json
import re
import typing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import msgspec
import pytest
from websockets.sync.client import connect

from koodtx.analysis import cache
from koodtx.analysis.messages import KINDS, AnalysisRequest, AnalysisResult
from koodtx.jobs.messages import Status
from koodtx.live import messages
from tests.docs.pages import blocks, read, rows
from tests.support.processes import StartWorker
from tests.support.settings import PASSWORD

PAGE = "docs/analysis.md"

# What differs at each run.
_VOLATILE = {"job_id", "next", "ticket", "run_at", "created_at", "complete_as_of"}


@pytest.mark.integration
@pytest.mark.tasks
def test_every_example_is_answered_as_written(url: str, start_worker: StartWorker) -> None:
    examples = _examples()
    assert len(examples) == 9
    job_ids: dict[str, str] = {}
    with httpx.Client(base_url=url, timeout=60) as http:
        _push_the_walk(http)
        for method, path, body, documented in examples:
            for written, actual in job_ids.items():
                path = path.replace(written, actual)
            path = re.sub(r"ticket_\w+", lambda _: http.post("/api/v1/tickets").json()["ticket"], path)
            if "/events?" in path:
                _assert_same_messages(
                    _receive_events(http.base_url.join(path), start_worker), _parse_events(documented)
                )
            elif method == "WS":
                assert _rounded(_receive_socket(url, path)) == _rounded(json.loads(documented))
            else:
                reply = http.request(method, path, content=body, headers={"Content-Type": "application/json"})
                answer = reply.json() if reply.content else None
                if documented and "job_id" in (written := json.loads(documented)):
                    job_ids[written["job_id"]] = answer["job_id"]
                assert _rounded(answer) == _rounded(json.loads(documented) if documented else None)
        ended = http.get(f"/api/v1/analysis/{job_ids.popitem()[1]}").json()
    assert ended["status"] == "cancelled"


@pytest.mark.unit
def test_kinds_fields_and_states_are_those_of_the_api() -> None:
    kinds, fields = ({row[0].strip("`"): row for row in _table(head)} for head in ("kind", "field"))

    assert tuple(kinds) == KINDS
    of_kind = {answer.__struct_config__.tag: answer for answer in typing.get_args(AnalysisResult)}
    for kind, (_, _, result, _) in kinds.items():
        (struct, _none) = typing.get_args(typing.get_type_hints(of_kind[kind])["result"])
        assert result.startswith(f"`{struct.__name__}`")
    known = {field.name: field.default for field in msgspec.structs.fields(AnalysisRequest)}
    assert list(fields) == [name for name in known if name != "kind"]
    defaults = {name: row[1].strip("`") for name, row in fields.items()}
    assert {name: defaults[name] for name in ("sensitivity", "mode", "window_s", "accuracy_max_m")} == {
        name: f"{known[name]:g}" if isinstance(known[name], float) else known[name]
        for name in ("sensitivity", "mode", "window_s", "accuracy_max_m")
    }
    assert all(f"`{state}`" in read(PAGE) for state in typing.get_args(Status))


@pytest.mark.unit
def test_messages_and_close_codes_are_those_of_the_api() -> None:
    documented = {row[0].strip("`"): row[1] for row in _table("`type`")}

    structs = typing.get_args(messages.Message)
    assert {name: re.findall(r"`(\w+)`", fields) for name, fields in documented.items()} == {
        struct.__struct_config__.tag: list(struct.__struct_fields__) for struct in structs
    }
    codes = {value for name, value in vars(messages).items() if name.isupper() and isinstance(value, int)}
    assert {int(row[0]) for row in _table("code")} == codes | {1011}


@pytest.mark.unit
def test_lifetimes_of_the_cache_are_those_of_the_api() -> None:
    seconds = {"hours": 3600, "minute": 60, "minutes": 60}
    documented = [int(number) * seconds[unit] for _, text in _table("what is kept") for number, unit in [text.split()]]

    assert documented == [cache.RESULT_S, cache.PROGRESS_S]


def _examples() -> list[tuple[str, str, str, str]]:
    """Method, path and body of each request, with the reply that follows it, if one does."""
    examples = []
    parts = [*blocks(read(PAGE)), ("http", "")]
    for (language, request), (next_language, reply) in pairwise(parts):
        if language == "http":
            line, _, body = request.strip().partition("\n\n")
            method, path = line.split()
            examples.append((method, path, _later(body), "" if next_language == "http" else reply))
    return examples


def _later(body: str) -> str:
    """The time that a job is put off to lies ahead whenever the tests run."""
    ahead = (datetime.now(UTC) + timedelta(days=10)).isoformat()
    return re.sub(r'("run_at": )"[^"]*"', rf'\1"{ahead}"', body)


def _push_the_walk(http: httpx.Client) -> None:
    """What docs/sync.md pushes."""
    account = {"username": "mina", "email": "mina@example.org", "password": PASSWORD}
    token = http.post("/api/auth/register", json=account).json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"
    push = next(text for language, text in blocks(read("docs/sync.md")) if language == "http")
    body = push.partition("\n\n")[2]
    assert http.post("/api/sync/push", content=body, headers={"Content-Type": "application/json"}).status_code == 200


def _receive_events(url: httpx.URL, on_connected: Callable[[], None]) -> list[Any]:
    """By the ticket alone."""
    with httpx.stream("GET", url, timeout=60) as reply:
        lines = reply.iter_lines()
        first = [next(lines), next(lines)]
        on_connected()
        return _parse_events("\n".join([*first, *lines]))


def _parse_events(text: str) -> list[Any]:
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


def _receive_socket(url: str, path: str) -> list[Any]:
    with connect(f"ws{url.removeprefix('http')}{path}") as socket:
        received = [json.loads(text) for text in socket]
    assert socket.close_code == messages.ENDED_CODE
    return received


def _assert_same_messages(received: list[Any], documented: list[Any]) -> None:
    """States may be skipped: the first, the last two, and what a message in between is made of."""
    for place in (0, 1, -2, -1):
        assert _rounded(received[place]) == _rounded(documented[place])
    assert {tuple(message) for message in received[1:-1]} == {tuple(message) for message in documented[1:-1]}


def _table(head: str) -> list[list[str]]:
    """The rows of the table whose first column has this head."""
    (table,) = re.findall(rf"^\| {re.escape(head)} \|.*?\n\n", read(PAGE), re.MULTILINE | re.DOTALL)
    return rows(table)


def _rounded(value: Any) -> Any:
    """Nine digits are written; without the values that differ at each run, which must be null alike."""
    if isinstance(value, dict):
        return {name: item is None if name in _VOLATILE else _rounded(item) for name, item in value.items()}
    if isinstance(value, float):
        return float(f"{value:.9g}")
    return [_rounded(item) for item in value] if isinstance(value, list) else value
