"""Rights that end while somebody watches."""

import json
import time
from typing import Any

import pytest
from litestar.exceptions import WebSocketDisconnect

from koodtx.live import hub
from koodtx.settings import Settings
from tests.sharing.people import Person
from tests.support.aliases import Client, Db
from tests.support.clock import Clock
from tests.support.job_driver import JobDriver
from tests.support.requests import register
from tests.support.serving import serving

pytestmark = [pytest.mark.api, pytest.mark.integration]


@pytest.fixture
def client_reads_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is published is noticed. To be requested before the client, which starts the application."""
    monkeypatch.setattr(hub, "_READ_AGAIN_S", 60)


def close_code(socket: Any) -> int:
    """The code with which the server closes it, before the job has ended."""
    try:
        while True:
            assert socket.receive_json(timeout=20)["type"] in ("progress", "ping")
    except WebSocketDisconnect as closed:
        return closed.code


def test_member_watches_to_the_end(client: Client, mina: Person, joon: Person, team: str, settings: Settings) -> None:
    job_id = mina.analyse()
    share_id = mina.share_job(job_id, team)
    driver = JobDriver(settings, job_id)
    with client.websocket_connect(f"/ws/analysis/{job_id}?token={joon.token}") as socket:
        assert socket.receive_json()["type"] == "connected"
        driver.claim()
        driver.complete({"record_count": 1})
        while (message := socket.receive_json(timeout=20))["type"] != "completed":
            assert message["type"] in ("progress", "ping")
    (entry,) = mina.ask("GET", f"/api/v1/shares/{share_id}/accesses")["accesses"]
    assert entry["action"] == "view"


@pytest.mark.parametrize("how", ["unshare", "change", "remove", "leave", "delete team"])
def test_open_socket_ends_at_once(
    client_reads_seldom: None, client: Client, mina: Person, joon: Person, team: str, how: str
) -> None:
    job_id = mina.analyse()
    mina.share_job(job_id, team)
    with client.websocket_connect(f"/ws/analysis/{job_id}?token={joon.token}") as socket:
        assert socket.receive_json()["type"] == "connected"
        began = time.monotonic()
        if how == "unshare":
            mina.ask("DELETE", f"/api/v1/analysis/{job_id}/share/{team}", status=204)
        elif how == "change":
            mina.share_job(job_id, team, can_view=False)
        elif how == "remove":
            mina.ask("DELETE", f"/api/v1/teams/{team}/members/{joon.user_id}", status=204)
        elif how == "leave":
            joon.leave(team)
        else:
            mina.ask("DELETE", f"/api/v1/teams/{team}", status=204)
        assert close_code(socket) == 4410
        assert time.monotonic() - began < 5
    with client.websocket_connect(f"/ws/analysis/{job_id}?token={joon.token}") as socket:
        assert close_code(socket) == 4404


def test_open_socket_ends_when_the_share_expires(
    client: Client, mina: Person, joon: Person, team: str, clock: Clock
) -> None:
    """Nobody publishes it: it is noticed when listeners are checked, every 5 s."""
    job_id = mina.analyse()
    mina.share_job(job_id, team, expires_at=in_an_hour())
    with client.websocket_connect(f"/ws/analysis/{job_id}?token={joon.token}") as socket:
        assert socket.receive_json()["type"] == "connected"
        clock.jump(1.1 / 24)
        # The jump ended the connections to the database; the pool makes new ones within seconds.
        assert client.get("/api/auth/me", headers=joon.headers).status_code == 200
        began = time.monotonic()
        assert close_code(socket) == 4410
        assert time.monotonic() - began < 7


def in_an_hour() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))


def test_socket_of_a_stranger_is_as_of_a_missing_job(client: Client, mina: Person, sora: Person, team: str) -> None:
    job_id = mina.analyse()
    mina.share_job(job_id, team)
    with client.websocket_connect(f"/ws/analysis/{job_id}?token={sora.token}") as socket:
        assert close_code(socket) == 4404


def test_end_of_a_job_is_not_sent_to_who_may_no_longer_see_it(
    client_reads_seldom: None, client: Client, mina: Person, joon: Person, team: str, settings: Settings, db: Db
) -> None:
    job_id = mina.analyse()
    share_id = mina.share_job(job_id, team)
    driver = JobDriver(settings, job_id)
    with client.websocket_connect(f"/ws/analysis/{job_id}?token={joon.token}") as socket:
        assert socket.receive_json()["type"] == "connected"
        driver.is_silent = True
        driver.claim()
        driver.is_silent = False
        db.execute("select app.end_shares(array[%s::uuid])", [share_id])  # and nobody publishes it
        driver.complete({"record_count": 1})
        assert close_code(socket) == 4410


def test_stream_of_everything_says_that_shares_changed(settings: Settings) -> None:
    with serving(settings) as http:
        mina, joon = (Person(http, register(http, name)) for name in ("mina", "joon"))
        mina.record()
        team_id = mina.create_team()
        mina.invite(team_id, joon)
        joon.join(team_id)
        mina.share_job(mina.analyse(), team_id)
        headers = joon.headers | {"Last-Event-ID": "0"}
        with http.stream("GET", "/api/v1/events", headers=headers, timeout=20) as reply:
            messages = (json.loads(line[5:]) for line in reply.iter_lines() if line.startswith("data:"))
            assert next(message for message in messages if message["type"] != "connected") == {"type": "shares"}
        assert len(joon.sync()[0]) == 1
