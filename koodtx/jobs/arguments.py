"""A call of a task as the job keeps it: arguments by name, and when."""

import inspect
from datetime import UTC, datetime, timedelta
from typing import Any

from taskiq import AsyncTaskiqDecoratedTask, TaskiqMessage

from koodtx.errors import Invalid

Task = AsyncTaskiqDecoratedTask[..., Any]

# What the worker gives, not the caller.
_GIVEN = "attempt"


def named_arguments(task: Task, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments by the names of the task's parameters. Raises Invalid when one is missing or unknown."""
    signature = inspect.signature(task.original_func)
    parameters = [parameter for name, parameter in signature.parameters.items() if name != _GIVEN]
    # `attempt` stands amid the others, before those with defaults.
    by_name = signature.replace(
        parameters=[parameter.replace(kind=parameter.POSITIONAL_OR_KEYWORD) for parameter in parameters]
    )
    try:
        return dict(by_name.bind(*args, **kwargs).arguments)
    except TypeError as error:
        raise Invalid(f"{task.task_name}{by_name.replace(return_annotation=signature.empty)}: {error}") from error


def run_at_of(message: TaskiqMessage) -> datetime | None:
    """From the labels `run_at` (ISO 8601, with a time zone) or `delay` (seconds); None: at once. Raises Invalid."""
    at, delay_s = message.labels.get("run_at"), message.labels.get("delay")
    try:
        when = datetime.fromisoformat(str(at)) if at is not None else None
        if when is None and delay_s is not None:
            when = datetime.now(UTC) + timedelta(seconds=float(delay_s))
    except (ValueError, OverflowError) as error:
        raise Invalid(f"run_at or delay: {error}") from error
    if when is not None and when.tzinfo is None:
        raise Invalid("run_at has no time zone")
    # The queue goes by this time: nothing gets ahead by one that has passed.
    return when if when is None or when > datetime.now(UTC) else None
