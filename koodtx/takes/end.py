"""The end of a take: the one place where a take and its job end together, by its scores or by an error."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from koodtx.database.query import Connection
from koodtx.jobs import store as jobs
from koodtx.jobs.messages import Job
from koodtx.takes import store
from koodtx.takes.messages import TakeScores
from koodtx.takes.store import Ending, Take
from koodtx.webhooks import send
from koodtx.webhooks.messages import Event


class Ended(Struct):
    """A take that has ended just now. `job`: for `notify.publish_state` after the commit; None: it is gone.

    `has_messages`: whether a worker of `send.LANE` should be woken after the commit, for the user's webhooks.
    """

    take: Take
    job: Job | None
    has_messages: bool


async def end_take(connection: Connection, job_id: UUID, ending: Ending) -> Ended | None:
    """Ends a take and its job in the caller's transaction, once. None: it had ended before, or there is none."""
    take = await store.end_take(connection, job_id, ending)
    if take is None:
        return None
    job = await jobs.settle_job(connection, job_id, result=_scores(take), error=take.error)
    event: Event = "take.completed" if take.status == "completed" else "take.failed"
    return Ended(take, job, await send.enqueue(connection, take.user_id, event, take.result()))


def _scores(take: Take) -> dict[str, Any] | None:
    if take.status != "completed":
        return None
    scores = {name: getattr(take, name) for name in TakeScores.__struct_fields__ if name != "token_id"}
    result: dict[str, Any] = msgspec.to_builtins(TakeScores(token_id=take.line_id, **scores))
    return result
