"""A text is either refused, or read back as it was sent."""

import json
from itertools import islice
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.settings import Settings
from tests.hostile.corpus import HARMLESS, TEXTS
from tests.support.requests import register
from tests.support.serving import serving

pytestmark = [pytest.mark.api]

Client = TestClient[Litestar] | httpx.Client
START = "2025-10-09T08:53:20Z"


class Sender:
    """Pushes as a user, with one text somewhere."""

    def __init__(self, client: Client, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    def push(self, session_id: str, data: Any = None, sensor: str = "light", **fields: Any) -> Any:
        item = {"sensor_type": sensor, "timestamp": 1_760_000_000_000, "data": {"lux": 1} if data is None else data}
        session = {"session_id": session_id, "start_time": START} | fields
        body = {"session": session, "sensor_data": [item]}
        return self.client.post("/api/sync/push", json=body, headers=self.headers)

    def pull(self, session_id: str) -> Any:
        body = {"session_ids": [session_id]}
        return self.client.post("/api/sync/pull", json=body, headers=self.headers).json()["sessions"][0]


@pytest.fixture
def sender(client: Client, auth_headers: dict[str, str]) -> Sender:
    return Sender(client, auth_headers)


def test_session_id_is_refused_or_read_back(sender: Sender) -> None:
    for name, text in TEXTS.items():
        reply = sender.push(text)
        if reply.status_code == 200:
            assert reply.json()["session_id"] == text, name
            assert sender.pull(text)["session_id"] == text, name
        else:
            assert reply.status_code == 422, name
    assert sender.client.get("/api/sessions/?limit=100", headers=sender.headers).status_code == 200


def test_session_id_that_was_taken_can_be_used_in_a_path(settings: Settings) -> None:
    """Over a real connection: the test client unquotes paths twice."""
    with serving(settings) as client:
        headers = register(client)["headers"]
        for name, text in HARMLESS.items():
            if Sender(client, headers).push(text).status_code == 200:
                path = f"/api/sessions/{quote(text, safe='')}"
                assert client.get(path, headers=headers).json().get("session_id") == text, name
                assert client.delete(path, headers=headers).status_code == 204, name


def test_session_ids_that_look_alike_are_two_sessions(sender: Sender) -> None:
    sender.push("caf\u00e9", notes="precomposed")
    sender.push("cafe\u0301", notes="decomposed")
    assert sender.pull("caf\u00e9")["notes"] == "precomposed"
    assert sender.pull("cafe\u0301")["notes"] == "decomposed"


def test_harmless_text_is_taken_everywhere_and_read_back(sender: Sender) -> None:
    for number, (name, text) in enumerate(HARMLESS.items()):
        data = {"lux": 1, "label": text[:1000], text[:1000]: [text[:1000]]}
        session_id = f"session {number}"
        more = {"notes": text, "enabled_sensors": [text], "units": {text[:64]: "g"}}
        reply = sender.push(session_id, data, sensor=text[:64], **more)
        assert reply.status_code == 200, f"{name}: {reply.text}"
        assert reply.json()["rejected"] == [], name
        session = sender.pull(session_id)
        assert {field: session[field] for field in more} == more, name
        (item,) = session["sensor_data"]
        assert (item["sensor_type"], item["data"]) == (text[:64], data), name


def test_notes_are_refused_or_read_back(sender: Sender) -> None:
    sender.push("walk")
    for name, text in TEXTS.items():
        reply = sender.client.patch("/api/sessions/walk", json={"notes": text}, headers=sender.headers)
        if reply.status_code == 200:
            assert sender.pull("walk")["notes"] == text, name
        else:
            assert reply.status_code == (413 if name == "a megabyte" else 422), name


def test_labels_are_refused_or_read_back(sender: Sender) -> None:
    sender.push("walk")
    times = {"from": "2025-10-09T08:53:20Z", "to": "2025-10-09T08:58:20Z"}
    for name, text in TEXTS.items():
        label = times | {"label": text, "source": text[:64] or "a"}
        reply = sender.client.put("/api/sessions/walk/labels", json={"labels": [label]}, headers=sender.headers)
        if reply.status_code == 200:
            assert sender.pull("walk")["labels"] == [label], name
        else:
            assert reply.status_code == 422, name


def test_device_is_refused_or_read_back(sender: Sender) -> None:
    for number, (name, text) in enumerate(TEXTS.items()):
        reply = sender.push(f"session {number}", device={"model": text})
        if reply.status_code == 200:
            assert sender.pull(f"session {number}")["device"] == {"model": text}, name
        else:
            assert reply.status_code == 422, name


def test_data_is_refused_or_read_back(sender: Sender) -> None:
    for number, (name, text) in enumerate(TEXTS.items()):
        data = {"label": text, text: {"inner": text}}
        reply = sender.push(f"session {number}", data).json()
        if reply["inserted"]:
            assert sender.pull(f"session {number}")["sensor_data"][0]["data"] == data, name
        else:
            assert reply["rejected"][0]["code"] in ("data_too_large", "invalid_data"), name


def test_sensor_type_is_refused_or_read_back(sender: Sender) -> None:
    for number, (name, text) in enumerate(TEXTS.items()):
        reply = sender.push(f"session {number}", sensor=text).json()
        if reply["inserted"]:
            assert sender.pull(f"session {number}")["sensor_data"][0]["sensor_type"] == text, name
        else:
            assert reply["rejected"][0]["code"] == "invalid", name


def test_name_is_refused_or_read_back(sender: Sender) -> None:
    for name, text in TEXTS.items():
        reply = sender.client.patch("/api/auth/me", json={"name": text}, headers=sender.headers)
        if reply.status_code == 200:
            assert sender.client.get("/api/auth/me", headers=sender.headers).json()["name"] == text, name
        else:
            assert reply.status_code == (413 if name == "a megabyte" else 422), name


@pytest.mark.parametrize(
    "stride", [pytest.param(5, id="every fifth text"), pytest.param(1, id="all texts", marks=pytest.mark.long)]
)
def test_username_is_refused_or_logs_in(sender: Sender, stride: int) -> None:
    short = dict(islice(((name, text) for name, text in TEXTS.items() if len(text) <= 65), 0, None, stride))
    for number, (name, text) in enumerate(short.items()):
        account = {"username": text, "password": "correct horse battery staple"}
        made = sender.client.post("/api/auth/register", json=account | {"email": f"u{number}@example.org"})
        assert made.status_code in (201, 409, 422), name
        if made.status_code == 201:
            assert sender.client.post("/api/auth/login", json=account).status_code == 200, name


def test_sensors_switched_on_may_be_an_object(sender: Sender) -> None:
    sensors = {text[:100]: True for text in HARMLESS.values()}
    assert sender.push("walk", enabled_sensors=sensors).status_code == 200
    assert json.dumps(sender.pull("walk")["enabled_sensors"], sort_keys=True) == json.dumps(sensors, sort_keys=True)
