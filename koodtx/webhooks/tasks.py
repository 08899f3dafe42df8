"""The task that sends a message until it is accepted, or its schedule has ended."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from koodtx.jobs.attempt import Attempt, Deferred, Limits
from koodtx.jobs.task import Task, register
from koodtx.webhooks import store
from koodtx.webhooks.messages import TEST_EVENT, DeliveryResult
from koodtx.webhooks.post import Message, post
from koodtx.webhooks.schedule import next_wait

# A request takes 15 seconds at most.
_LIMITS = Limits(soft_s=60, hard_s=60)
_GONE = 410


class DeliverArguments(Struct, frozen=True, kw_only=True):
    """Which message."""

    delivery_id: UUID


async def _deliver(attempt: Attempt, arguments: DeliverArguments) -> DeliveryResult:
    """The table decides what is to be done, as the job's worker may have died after any line of an earlier attempt."""
    delivery_id = arguments.delivery_id
    async with attempt.pool.connection() as connection:
        delivery = await store.find_due(connection, delivery_id)
    if delivery is None:
        return DeliveryResult("gone", 0)
    if delivery.status != "waiting":
        return DeliveryResult(delivery.status, delivery.attempts)
    if delivery.is_early:
        raise _deferred(delivery.attempts, delivery.next_attempt_at)
    secrets = [secret for secret in (delivery.secret, delivery.old_secret) if secret is not None]
    # No connection to the database is held meanwhile.
    answer = await post(
        delivery.url,
        Message(str(delivery_id), delivery.body.encode(), secrets),
        allow_private=attempt.settings.webhooks_allow_private,
    )
    is_gone = answer.status == _GONE
    is_trial = delivery.event == TEST_EVENT
    async with attempt.pool.connection() as connection:
        ended = await store.end_attempt(
            connection,
            delivery_id,
            status=answer.status,
            error=answer.error,
            # Somebody waits for the outcome of a test; it is not sent again.
            wait=None if is_gone or is_trial else next_wait(delivery.attempts + 1),
            is_gone=is_gone,
            is_trial=is_trial,
        )
    if ended is None:
        return DeliveryResult("gone", delivery.attempts + 1)
    if ended.status == "waiting":
        raise _deferred(ended.attempts, ended.next_attempt_at)
    return DeliveryResult(ended.status, ended.attempts)


def _deferred(attempts: int, next_attempt_at: datetime | None) -> Deferred:
    assert next_attempt_at is not None
    return Deferred(next_attempt_at, f"not accepted in {attempts} attempts")


# Of the lane batch: a worker runs one job at a time, and a receiver that does not answer holds it for 15 seconds. Jobs
# that a person waits for must not stand behind that.
deliver_webhook = register(
    Task(
        name="deliver_webhook",
        arguments=DeliverArguments,
        result=DeliveryResult,
        lane="batch",
        limits=_LIMITS,
        run=_deliver,
        # Of workers that died, and of errors on our side; to wait for the receiver costs none.
        max_attempts=10,
    )
)
