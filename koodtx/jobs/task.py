"""The declaration of a task, and the registry of all tasks."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from taskiq import AsyncTaskiqTask, async_shared_broker
from taskiq.kicker import AsyncKicker

from koodtx.database.query import Connection
from koodtx.errors import Invalid, NotFound
from koodtx.jobs import store
from koodtx.jobs.arguments import checked_arguments
from koodtx.jobs.attempt import Attempt, Limits
from koodtx.jobs.current_attempt import CurrentAttempt, run_attempt
from koodtx.jobs.messages import Lane

Arguments = TypeVar("Arguments", bound=Struct)


@dataclass(frozen=True, kw_only=True)
class Task(Generic[Arguments]):
    """A piece of background work. `register` makes it known to workers, schedules, the command line and OpenAPI.

    `run` may be interrupted at any line and run again; what it returns is the job's result. `completed_message` is what
    listeners are sent when a job has ended well. `counts`: fields of the result that say how much a run did.
    """

    name: str
    arguments: type[Arguments]
    result: type[Struct] | None
    lane: Lane
    limits: Limits
    run: Callable[[Attempt, Arguments], Awaitable[Any]]
    max_attempts: int = 3
    completed_message: str = "Completed"
    counts: tuple[str, ...] = ()

    def checked(self, given: Mapping[str, Any], *, within: str = "") -> Arguments:
        """The arguments as their struct. Raises Invalid, naming the argument that is wrong, missing or unknown.

        `within`: the field of the request that holds them.
        """
        return checked_arguments(self.name, self.arguments, given, within=within)

    async def enqueue(
        self,
        connection: Connection,
        arguments: Arguments,
        *,
        job_id: UUID | None = None,
        subject: store.Subject | None = None,
        run_at: datetime | None = None,
        answer_key: str | None = None,
    ) -> UUID:
        """Writes a job in the caller's transaction. Call `notify.wake_worker` after the commit."""
        call = msgspec.to_builtins(arguments)
        return await store.enqueue(
            connection,
            store.NewJob(self.name, self.lane, self.max_attempts, call, job_id, run_at, answer_key),
            subject or store.Subject(),
        )

    def kicker(self) -> AsyncKicker[Any, Any]:
        """taskiq's own way to start it: `.with_labels(run_at=...).kiq(name=value)`. Import koodtx.worker first."""
        task = async_shared_broker.find_task(self.name)
        if task is None:
            raise NotFound(f"the task {self.name} is not registered")
        return task.kicker()

    async def kiq(self, **arguments: Any) -> AsyncTaskiqTask[Any]:
        """Enqueues a job; its `wait_result()` waits for the result. Raises SendTaskError."""
        handle: AsyncTaskiqTask[Any] = await self.kicker().kiq(**arguments)
        return handle


TASKS: dict[str, Task[Any]] = {}


def register(task: Task[Arguments]) -> Task[Arguments]:
    """Adds a task to the registry and to taskiq's. Raises Invalid when the name is taken."""
    if task.name in TASKS:
        raise Invalid(f"there are two tasks {task.name}")
    TASKS[task.name] = task

    async def run(arguments: dict[str, Any], attempt: CurrentAttempt) -> Any:
        return await run_attempt(attempt, task.checked, task.run, arguments)

    limits = task.limits
    async_shared_broker.register_task(
        run, task.name, timeout=limits.hard_s, soft_limit_s=limits.soft_s, slice_s=limits.slice_s
    )
    return task


def find_task(name: str) -> Task[Any]:
    """The task of this name. Raises NotFound, naming those that there are."""
    if name not in TASKS:
        raise NotFound(f"there is no task {name}, but there are {', '.join(sorted(TASKS))}")
    return TASKS[name]


async def enqueue_once(connection: Connection, task: Task[Arguments], arguments: Arguments) -> None:
    """Enqueues a job of the service, unless one waits that will see what this transaction writes."""
    if not await store.hold_queued(connection, task.name):
        await task.enqueue(connection, arguments)
