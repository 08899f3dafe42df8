"""The result of a job as a reply: one struct per task, made of the tasks' declarations, for the documentation."""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from koodtx.jobs.messages import ENDED, Job, Status
from koodtx.jobs.task import Task


def result_structs(tasks: Iterable[Task[Any]]) -> list[type[Struct]]:
    """A struct `<Task>Job` for each task that has a result."""
    return [_struct(task) for task in tasks if task.result is not None]


def result_of(job: Job) -> dict[str, Any]:
    """The reply. What was found passes through as the database has it; null until the job has ended."""
    result = job.result if job.status in ENDED else None
    return {"job_id": job.id, "task": job.task, "status": job.status, "error": job.error, "result": result}


def _struct(task: Task[Any]) -> type[Struct]:
    name = "".join(part.capitalize() for part in task.name.split("_")) + "Job"
    error = Annotated[str | None, Meta(description="What went wrong, in the last attempt; null: nothing.")]
    result: Any = Annotated[task.result | None, Meta(description="Null until the job has ended.")]  # type: ignore[operator]
    struct = msgspec.defstruct(
        name,
        [("job_id", UUID), ("status", Status), ("error", error), ("result", result)],
        tag_field="task",
        tag=task.name,
    )
    struct.__doc__ = f"The result of `{task.name}`."
    return struct
