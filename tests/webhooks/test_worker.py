"""Messages sent by real workers, whatever dies meanwhile."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook

from koodtx.settings import Settings
from tests.support.aliases import Client, Db
from tests.support.databases import value
from tests.support.processes import StartWorker, WorkerProcess
from tests.support.scripted_server import stalls, status
from tests.support.waiting import wait_until
from tests.webhooks.conftest import Create, Send, deliveries
from tests.webhooks.receiver import ACCEPTED, headers_of, receiving

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

Headers = dict[str, str]


def test_worker_sends_a_test_message(
    client: Client, auth_headers: Headers, create: Create, start_worker: StartWorker
) -> None:
    start_worker()
    with receiving(ACCEPTED) as receiver:
        webhook = create(receiver.url)
        client.post(f"/api/webhooks/{webhook['webhook_id']}/test", headers=auth_headers)
        wait_until(lambda: deliveries(client, auth_headers, webhook)[0]["status"] == "delivered", 30)
        (request,) = receiver.requests
        assert Webhook(webhook["secret"]).verify(request.body, headers_of(request))["type"] == "webhook.test"


def test_message_that_waits_leaves_no_traceback_in_the_log(
    client: Client, auth_headers: Headers, create: Create, send: Send, settings: Settings, tmp_path: Path
) -> None:
    with receiving(status(503)) as receiver:
        webhook = create(receiver.url)
        send()
        log = tmp_path / "worker.log"
        worker = WorkerProcess(msgspec.structs.replace(settings, log_level="info"), log)
        wait_until(lambda: deliveries(client, auth_headers, webhook)[0]["attempts"] == 1, 30)
        worker.stop()
    assert "deliver_webhook" in log.read_text()
    assert "Traceback" not in log.read_text()


def test_message_of_a_killed_worker_is_sent_by_another_with_the_same_id(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, start_worker: StartWorker
) -> None:
    with receiving(stalls, ACCEPTED) as receiver:
        webhook = create(receiver.url)
        send()
        worker = start_worker()
        wait_until(lambda: len(receiver.requests) == 1, 30)
        worker.kill()
        state = deliveries(client, auth_headers, webhook)[0]
        assert (state["status"], state["attempts"]) == ("waiting", 0), "it never had an answer"

        # The lease would last 30 seconds.
        db.execute("update app.jobs set lease_until = clock_timestamp()")
        start_worker()
        wait_until(lambda: deliveries(client, auth_headers, webhook)[0]["status"] == "delivered", 30)
        assert receiver.ids == [state["delivery_id"]] * 2
        wait_until(lambda: value(db, "select status from app.jobs") == "completed", 30)


@pytest.mark.faults
def test_messages_arrive_and_are_not_repeated_after_success_whichever_worker_is_killed(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, start_worker: StartWorker
) -> None:
    accepted: Any = "select delivery_id::text from app.webhook_deliveries where status = 'delivered'"
    with receiving(ACCEPTED) as receiver:
        create(receiver.url)
        for _ in range(30):
            send()
        for _ in range(4):
            known = {row[0] for row in db.execute(accepted).fetchall()}
            before = len(receiver.requests)
            worker = start_worker()
            wait_until(lambda before=before: len(receiver.requests) >= before + 5, 60)
            worker.kill()
            assert not known & set(receiver.ids[before:]), "what was known to be accepted was sent again"
            db.execute("update app.jobs set lease_until = clock_timestamp() where status = 'running'")
        start_worker()
        wait_until(lambda: len(db.execute(accepted).fetchall()) == 30, 60)
        assert set(receiver.ids) == {row[0] for row in db.execute(accepted).fetchall()}
        assert len(receiver.ids) <= 30 + 4, "each kill repeats one message at most"
