"""The task that erases what deleted sessions have left."""

from msgspec import Struct

from koodtx.jobs.attempt import Attempt, Limits
from koodtx.jobs.task import Task, register
from koodtx.sessions import store

# As many readings as are erased within a second or so, one transaction each.
_READINGS_AT_ONCE = 50_000


class NoArguments(Struct, frozen=True):
    """None: all deleted sessions."""


class Erased(Struct):
    """How many sessions were erased by this attempt."""

    sessions: int


async def _erase(attempt: Attempt, arguments: NoArguments) -> Erased:
    erased = 0
    while (is_session_done := await store.erase_some(attempt.pool, _READINGS_AT_ONCE)) is not None:
        erased += is_session_done
        await attempt.report(50, f"{erased} sessions erased")
    return Erased(erased)


erase_deleted_sessions = register(
    Task(
        name="erase_deleted_sessions",
        arguments=NoArguments,
        result=Erased,
        lane="batch",
        limits=Limits(soft_s=21_540, hard_s=21_600, slice_s=60),
        run=_erase,
        counts=("sessions",),
    )
)
