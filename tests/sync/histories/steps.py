"""Real database work that stops between two statements, so that a history can put other work in between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar, copy_context
from typing import Any

from psycopg import AsyncConnection, AsyncCursor

_current: ContextVar["Operation | None"] = ContextVar("operation", default=None)


class Operation:
    """A piece of work in a task of its own. `allowed`: how many more statements it may run; None: all.

    The COMMIT of a named transaction counts as a statement; `before_commit` is called just before it, when all
    locks are held: of two transactions that lock the same rows, the one whose call comes first commits first.
    """

    def __init__(
        self,
        work: Callable[[], Coroutine[Any, Any, Any]],
        allowed: int | None,
        changed: asyncio.Event,
        before_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self.before_commit = before_commit
        self.is_paused = False
        self._allowed = allowed
        self._changed = changed
        self._more = asyncio.Event()
        context = copy_context()
        context.run(_current.set, self)
        self.task = asyncio.get_running_loop().create_task(work(), context=context)
        self.task.add_done_callback(lambda task: changed.set())

    @property
    def is_at_rest(self) -> bool:
        return self.is_paused or self.task.done()

    def allow(self, statements: int | None) -> None:
        """Lets it go on."""
        self._allowed = statements
        self.is_paused = False
        self._more.set()

    async def step(self) -> None:
        """Waits until one more statement is allowed."""
        while self._allowed == 0:
            self._more.clear()
            self.is_paused = True
            self._changed.set()
            await self._more.wait()
        if self._allowed is not None:
            self._allowed -= 1


class SteppedCursor(AsyncCursor[Any]):
    """Asks before each statement."""

    async def execute(self, query: Any, *arguments: Any, **named: Any) -> "SteppedCursor":
        operation = _current.get()
        # The pool checks its connections by an empty statement.
        if operation is not None and query:
            await operation.step()
        return await super().execute(query, *arguments, **named)


class SteppedConnection(AsyncConnection[Any]):
    """Asks before each statement and before the COMMIT of a transaction."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.cursor_factory = SteppedCursor

    @asynccontextmanager
    async def transaction(self, *arguments: Any, **named: Any) -> AsyncIterator[Any]:
        async with super().transaction(*arguments, **named) as transaction:
            yield transaction
            operation = _current.get()
            if operation is not None:
                await operation.step()
                operation.before_commit()
