"""Two APIs, three workers, one Redis that is killed: what clients see of jobs, whichever API they ask and when."""

import itertools
import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from redis import Redis
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from koodtx.embedded.choose import find_redis
from koodtx.embedded.redis import PrivateRedis
from koodtx.jobs.notify import channel_of
from koodtx.live.messages import TOO_SLOW
from koodtx.processes.addresses import answers_ok, free_port
from koodtx.settings import Settings
from tests.live.watchers import WAYS, Watcher
from tests.support.aliases import Db
from tests.support.databases import copy_statement
from tests.support.processes import KoodtxProcess, WorkerProcess
from tests.support.readings import START_MS
from tests.support.servers import server_folder
from tests.support.settings import PASSWORD, make_settings
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.tasks,
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="private servers run on Linux"),
]


START_S = 60
# Changes that were not published are read every five seconds; the rest is for a busy machine.
READ_AGAIN_S = 5 + 5


class Deployment:
    """APIs, workers and a user. `secrets`: what no log may hold."""

    def __init__(self, settings: Settings, redis: PrivateRedis, log: Path, database_url: str) -> None:
        self.redis = redis
        self.log = log
        self.database_url = database_url
        self.secrets: list[str] = []
        ports = [free_port(), free_port()]
        self.apis = [f"http://127.0.0.1:{port}" for port in ports]
        self.processes = [
            KoodtxProcess(settings, log, "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
            for port in ports
        ] + [WorkerProcess(settings, log) for _ in range(3)]

    def prepare(self) -> None:
        """A user with a session of a hundred readings."""
        wait_until(lambda: all(answers_ok(f"{api}/health") for api in self.apis), START_S)
        account = {"username": "mina", "email": "mina@example.org", "password": PASSWORD, "device_id": "phone"}
        reply = httpx.post(f"{self.apis[0]}/api/auth/register", json=account, timeout=30).json()
        self.token = reply["access_token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.user_id = reply["user"]["id"]
        self.secrets += [self.token, reply["refresh_token"]]
        items = [
            {"sensor_type": "accelerometer", "timestamp": START_MS + n * 10, "data": {"x": n, "y": 0, "z": 9.8}}
            for n in range(100)
        ]
        session = {"session_id": "walk", "start_time": START_MS}
        self.post("/api/sync/push", {"session": session, "sensor_data": items})

    def post(self, path: str, body: Any = None) -> Any:
        reply = httpx.post(self.apis[0] + path, json=body, headers=self.headers, timeout=30)
        assert reply.is_success, reply.text
        return reply.json()

    def ask(self, **question: Any) -> str:
        """A question that was not asked before; its job."""
        question = {"kind": "detect_anomalies", "session_id": "walk", "sensitivity": next(_numbers)} | question
        answer = self.post("/api/v1/analysis", question)
        assert "reused" not in answer
        job_id: str = answer["job_id"]
        return job_id

    def ticket(self) -> str:
        ticket: str = self.post("/api/v1/tickets")["ticket"]
        self.secrets.append(ticket)
        return ticket

    def watch(self, job_id: str) -> list[Watcher]:
        """A client of each kind on each API, by ticket and by token in turns; all are connected on return."""
        watchers = [way(api, job_id, self._token_or_ticket(api)) for api in self.apis for way in WAYS]
        for watcher in watchers:
            watcher.wait_for_greeting()
        return watchers

    def _token_or_ticket(self, api: str) -> str:
        return self.token if api == self.apis[0] else self.ticket()

    def database(self) -> Db:
        return psycopg.connect(self.database_url, autocommit=True)

    def status(self, job_id: str) -> str:
        with self.database() as db:
            (status,) = db.execute("select status from app.jobs where id = %s", [job_id]).fetchone() or ("gone",)
        return str(status)


_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def deployment(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    log = tmp_path_factory.mktemp("deployment") / "processes.log"
    with (
        server_folder() as folder,
        own_database(server, template) as url,
        PrivateRedis(find_redis(print), folder / "redis") as redis,
    ):
        # Everything that could be logged is.
        deployment = Deployment(make_settings(url, redis_url=redis.url, log_level="debug"), redis, log, url)
        try:
            deployment.prepare()
            yield deployment
        finally:
            for process in deployment.processes:
                process.stop()


@contextmanager
def own_database(server: str, template: str) -> Iterator[str]:
    """A copy of the template that lives as long as the module."""
    name = f"{template}_live"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(copy_statement(name, template))
        yield psycopg.conninfo.make_conninfo(server, dbname=name)
        connection.execute(f"drop database {name} with (force)")


@contextmanager
def midway(deployment: Deployment) -> Iterator[None]:
    """While no job gets further than its first message."""
    with psycopg.connect(deployment.database_url) as blocker:
        blocker.execute("lock table app.sensor_data in access exclusive mode")
        yield


def check_order(watcher: Watcher, last: str) -> None:
    messages = watcher.to_the_end()
    assert [message["type"] for message in messages] == ["connected", *["progress"] * (len(messages) - 2), last]
    progress = [message["progress"] for message in messages[:-1]]
    assert progress == sorted(progress)
    assert watcher.versions == sorted(watcher.versions)
    assert watcher.end in (1000, 200)


def test_client_sees_all_of_a_job_whenever_it_connects(deployment: Deployment) -> None:
    with midway(deployment):
        soon = time.time() + 6
        job_id = deployment.ask(run_at=f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(soon))}Z")
        before = deployment.watch(job_id)
        wait_until(lambda: deployment.status(job_id) == "running", 30)
        wait_until(lambda: all(texts(watcher) == ["Starting analysis..."] for watcher in before), 10)
        during = deployment.watch(job_id)
    for watcher in before + during:
        watcher.to_the_end()
    after = deployment.watch(job_id)

    for watcher in before + during + after:
        check_order(watcher, "completed")
        assert watcher.messages[-1]["summary"]["session_id"] == "walk"
    assert {watcher.messages[0]["status"] for watcher in before} == {"queued"}
    assert {watcher.messages[0]["status"] for watcher in during} == {"running"}
    assert {watcher.messages[0]["progress"] for watcher in after} == {100}
    assert all(texts(watcher)[-1] == "Analysis completed" for watcher in before + during + after)


def texts(watcher: Watcher) -> list[str]:
    """What the progress messages said, from the first that said something; a job that waits says nothing."""
    return [m["message"] for m in watcher.messages if m["type"] == "progress" and m["message"]]


def test_client_sees_the_error_of_a_job(deployment: Deployment) -> None:
    with deployment.database() as db:
        (job_id,) = db.execute(
            """
            insert into app.jobs (task, user_id, arguments, run_at)
            values ('calculate_session_metrics', %s, '{"recording_id": 99}', now() + interval '4 seconds')
            returning id::text
            """,
            [deployment.user_id],
        ).fetchone() or (None,)
    before = deployment.watch(job_id)
    for watcher in before:
        watcher.to_the_end()

    assert {watcher.messages[0]["status"] for watcher in before} == {"queued"}
    for watcher in before + deployment.watch(job_id):
        check_order(watcher, "error")
        assert watcher.messages[-1]["error"] == "there is no such session"


def test_client_finds_out_while_redis_is_dead(deployment: Deployment) -> None:
    assert deployment.redis.process is not None
    with midway(deployment):
        job_id = deployment.ask()
        watchers = deployment.watch(job_id)
        wait_until(lambda: deployment.status(job_id) == "running", 30)
        deployment.redis.process.kill()
        deployment.redis.process.wait()
    try:
        wait_until(lambda: deployment.status(job_id) == "completed", 30)
        completed_at = time.monotonic()
        latecomers = deployment.watch(job_id)
        for watcher in watchers + latecomers:
            check_order(watcher, "completed")
        assert max(watcher.ended_at for watcher in watchers) - completed_at < READ_AGAIN_S
    finally:
        deployment.redis.start()
    # The APIs subscribe again, so that clients are notified before anything is read again.
    wait_until(lambda: told_within(deployment) < 2, 30)


def told_within(deployment: Deployment) -> float:
    """Seconds from the end of a job to the last client's message."""
    with midway(deployment):
        job_id = deployment.ask()
        watchers = deployment.watch(job_id)
        wait_until(lambda: deployment.status(job_id) == "running", 30)
        wait_until(lambda: all(texts(watcher) for watcher in watchers), 10)
    wait_until(lambda: deployment.status(job_id) == "completed", 30)
    completed_at = time.monotonic()
    for watcher in watchers:
        watcher.to_the_end()
    return max(watcher.ended_at for watcher in watchers) - completed_at


@pytest.mark.long
def test_client_that_does_not_read_is_dropped(deployment: Deployment) -> None:
    job_id = deployment.ask(run_at="2027-01-01T00:00:00Z")
    state = httpx.get(f"{deployment.apis[0]}/api/v1/jobs/{job_id}", headers=deployment.headers, timeout=30).json()
    with (
        not_reading(deployment.apis[0], job_id, deployment.token) as asleep,
        not_reading(deployment.apis[0], job_id, deployment.token) as gone,
        Redis.from_url(deployment.redis.url) as redis,
    ):
        for version in range(2, 12):
            # Far more than the buffers on the way hold.
            published = {"state": state | {"version": version, "message": "m" * 1_000_000}}
            redis.publish(channel_of(job_id), json.dumps(published))
            time.sleep(0.6)
        assert is_connected(asleep)
        # Longer than a message may take, not as long as a close code is held out.
        time.sleep(10)
        with suppress(ConnectionClosed):
            while True:
                asleep.recv(10)
        assert asleep.close_code == TOO_SLOW
        wait_until(lambda: not is_connected(gone), 20)


def is_connected(client: ClientConnection) -> bool:
    """Whether the server still holds its end: Linux lists it as established (01), its peer being the client."""
    port = f":{client.socket.getsockname()[1]:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines())
    return any(peer.endswith(port) and state == "01" for _, _, peer, state, *_ in rows)


@contextmanager
def not_reading(api: str, job_id: str, token: str) -> Iterator[ClientConnection]:
    """A WebSocket that takes little from the network until its owner reads."""
    parts = urlsplit(api)
    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect((parts.hostname, parts.port))
        url = f"ws://{parts.netloc}/ws/analysis/{job_id}?token={token}"
        with connect(url, sock=plain, max_queue=1, max_size=None, ping_interval=None) as client:
            yield client


def test_no_log_holds_a_token(deployment: Deployment) -> None:
    watchers = deployment.watch(deployment.ask())
    for watcher in watchers:
        watcher.to_the_end()
        used_up = type(watcher)(watcher.api, watcher.job_id, deployment.secrets[-1])
        assert (used_up.to_the_end(), used_up.end) in (([], 4401), ([], 401))

    log = deployment.log.read_text()
    assert "/api/v1/analysis" in log, "requests are logged"
    assert [secret[:8] for secret in deployment.secrets if secret in log] == []
    assert "token=" not in log
