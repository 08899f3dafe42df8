"""The same as server-sent events."""

import json
import re
from typing import Any

import pytest

from tests.support.aliases import Client
from tests.support.job_driver import JobDriver

pytestmark = [pytest.mark.tasks, pytest.mark.api]

Event = dict[str, Any]


def read_events(text: str) -> list[Event]:
    """Blocks of `name: value` lines; comments left out."""
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    parsed = [dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":")) for block in blocks]
    return [event for event in parsed if event]


def test_events_of_an_ended_job_are_its_state_and_its_end(
    client: Client, driver: JobDriver, auth_headers: Event
) -> None:
    driver.claim()
    driver.complete({"record_count": 100})

    reply = client.get(f"/api/v1/analysis/{driver.job_id}/events", headers=auth_headers)
    events = read_events(reply.text)

    assert reply.headers["content-type"].startswith("text/event-stream")
    assert [json.loads(event["data"])["type"] for event in events] == ["connected", "progress", "completed"]
    # Cut off before the last, the stream must start again: a client that names version 3 is sent nothing more.
    assert [event.get("id") for event in events] == [None, None, "3"]
    assert all("event" not in event for event in events), "unnamed: EventSource.onmessage gets them"


def test_events_after_the_last_one_seen_are_none(client: Client, driver: JobDriver, auth_headers: Event) -> None:
    driver.claim()
    driver.complete({})

    reply = client.get(f"/api/v1/analysis/{driver.job_id}/events", headers=auth_headers | {"Last-Event-ID": "3"})

    assert reply.status_code == 204


def test_events_open_with_a_ticket_once(client: Client, driver: JobDriver, auth_headers: Event) -> None:
    driver.claim()
    driver.complete({})
    ticket = client.post("/api/v1/tickets", headers=auth_headers).json()
    url = f"/api/v1/analysis/{driver.job_id}/events?token={ticket['ticket']}"

    assert ticket["expires_in"] == 30
    assert client.get(url).status_code == 200
    assert client.get(url).status_code == 401


@pytest.mark.parametrize("path", ["analysis", "jobs"])
def test_event_source_that_comes_back_with_its_ticket_after_the_end_is_told_to_stop(
    client: Client, driver: JobDriver, auth_headers: Event, create_user: Any, path: str
) -> None:
    """An EventSource connects again by itself, with the URL that it has. 204 ends it without an error."""
    driver.claim()
    driver.complete({})
    url = f"/api/v1/{path}/{driver.job_id}/events?token="
    ticket = client.post("/api/v1/tickets", headers=auth_headers).json()["ticket"]
    last = re.findall(r"^id: (\d+)", client.get(url + ticket).text, re.MULTILINE)[-1]

    for seen, status in ((last, 204), (str(int(last) - 1), 401), ("0", 401)):
        assert client.get(url + ticket, headers={"Last-Event-ID": seen}).status_code == status, seen

    stranger = client.post("/api/v1/tickets", headers=create_user("stranger")["headers"]).json()["ticket"]
    assert client.get(url + stranger, headers={"Last-Event-ID": last}).status_code == 404
    changed = ticket[:-1] + ("A" if ticket[-1] != "A" else "B")
    made_up = "ticket_" + "A" * (len(ticket) - 7)
    for false in (changed, made_up, stranger, ticket[7:], "ticket_", "ticket_é"):
        assert client.get(url + false, headers={"Last-Event-ID": last}).status_code == 401, false


def test_used_ticket_of_a_running_job_stays_refused(client: Client, driver: JobDriver, auth_headers: Event) -> None:
    driver.claim()
    ticket = client.post("/api/v1/tickets", headers=auth_headers).json()["ticket"]
    url = f"/api/v1/analysis/{driver.job_id}/events?token={ticket}"
    driver.complete({})
    assert client.get(url).status_code == 200
    other = client.post("/api/v1/analysis", headers=auth_headers, json={"kind": "generate_statistics"}).json()["job_id"]
    headers = {"Last-Event-ID": "1000"}
    assert client.get(f"/api/v1/analysis/{other}/events?token={ticket}", headers=headers).status_code == 401


def test_events_of_somebody_elses_job_are_not_found(client: Client, driver: JobDriver, create_user: Any) -> None:
    stranger = create_user("stranger")

    assert client.get(f"/api/v1/analysis/{driver.job_id}/events", headers=stranger["headers"]).status_code == 404
    assert client.get(f"/api/v1/analysis/{driver.job_id}/events").status_code == 401
