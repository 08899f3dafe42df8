"""Loops that end when they are cancelled."""

import asyncio


def is_stopping() -> bool:
    """Whether the current task was cancelled.

    psycopg and redis may end a cancelled call with its result, or with an error of their own: the cancellation is then
    lost, and a loop that does not ask here never ends.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
