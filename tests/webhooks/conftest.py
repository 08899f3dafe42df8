"""Deliveries: enqueued as another room does, and sent by attempts that run here as a worker runs them."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from taskiq.exceptions import NoResultError

from koodtx.database.pool import make_pool
from koodtx.jobs import store
from koodtx.jobs.attempt import Attempt, Scope
from koodtx.jobs.current_attempt import run_attempt
from koodtx.jobs.messages import LANES
from koodtx.settings import Settings
from koodtx.webhooks.send import enqueue
from koodtx.webhooks.tasks import deliver_webhook
from tests.support.aliases import Client, Db, Document
from tests.support.settings import make_settings

EVENTS = ["take.completed", "take.failed"]
DATA = {"job_id": "5f1d7c9a-2b64-4e0d-9c38-7a1e4b6d8f20", "text": "안녕하세요"}

Send = Callable[..., bool]
RunDue = Callable[[], int]
Create = Callable[..., Document]


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    """Receivers of the tests are on this machine."""
    return make_settings(database_url, redis_url=redis_url, webhooks_allow_private=True)


@pytest.fixture
def create(client: Client, auth_headers: dict[str, str]) -> Create:
    """Creates a webhook of the user; returns the reply."""

    def create(url: str, events: list[str] = EVENTS) -> Document:
        reply = client.post("/api/webhooks", json={"url": url, "events": events}, headers=auth_headers)
        assert reply.status_code == 201, reply.text
        created: Document = reply.json()
        return created

    return create


@pytest.fixture
def send(settings: Settings, user: Document) -> Send:
    """Enqueues a message to the user's webhooks, in a transaction of its own; whether a worker should be woken."""

    def send(event: Any = "take.completed", data: Any = DATA) -> bool:
        async def main() -> bool:
            async with make_pool(settings) as pool, pool.connection() as connection, connection.transaction():
                return await enqueue(connection, user["user"]["id"], event, data)

        return asyncio.run(main())

    return send


@pytest.fixture
def run_due(settings: Settings) -> RunDue:
    """Runs an attempt at each job that is due, as a worker does; returns how many there were."""

    async def step(pool: Any) -> bool:
        scope = Scope([deliver_webhook.name], LANES)
        async with pool.connection() as connection:
            job = await store.claim_job(connection, scope.tasks, scope.lanes)
        if job is None:
            return False
        attempt = Attempt(settings, pool, None, job.id, job.attempt, deliver_webhook.limits, scope)
        try:
            result = await run_attempt(attempt, deliver_webhook.checked, deliver_webhook.run, job.arguments)
        except NoResultError:
            return True
        async with pool.connection() as connection:
            outcome = {"status": result.status, "attempts": result.attempts}
            await store.finish_job(connection, job.id, job.attempt, result=outcome)
        return True

    def run() -> int:
        async def main() -> int:
            async with make_pool(settings) as pool:
                count = 0
                while await step(pool):
                    count += 1
                return count

        return asyncio.run(main())

    return run


def make_due(db: Db) -> None:
    """The time of all that waits has come."""
    db.execute("update app.webhook_deliveries set next_attempt_at = clock_timestamp() where status = 'waiting'")
    db.execute("update app.jobs set run_at = clock_timestamp() where status = 'queued'")


def deliveries(client: Client, headers: dict[str, str], webhook: Document, **query: Any) -> list[Document]:
    """Newest first, as the owner sees them."""
    reply = client.get(f"/api/webhooks/{webhook['webhook_id']}/deliveries", params=query, headers=headers)
    assert reply.status_code == 200, reply.text
    found: list[Document] = reply.json()["deliveries"]
    return found


def shown(client: Client, headers: dict[str, str], webhook: Document) -> Document:
    """The webhook in the owner's list."""
    listed: list[Document] = client.get("/api/webhooks", headers=headers).json()["webhooks"]
    (found,) = (one for one in listed if one["webhook_id"] == webhook["webhook_id"])
    return found


def job_status(db: Db, delivery_id: str) -> tuple[str, Any]:
    """Status and result of the job of a delivery."""
    row = db.execute("select status, result from app.jobs where id = %s", [UUID(delivery_id)]).fetchone()
    assert row is not None
    return row
