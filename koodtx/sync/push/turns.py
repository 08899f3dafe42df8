"""So many pushes of one user at a time: however long they take, the pool has connections for everybody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct, field

from koodtx.errors import TooMany

# Two connections of the pool: while one push is being decoded, or waits for another of its session, the next is stored.
_AT_ONCE = 2
# As long as the database waits for the lock of a session.
_WAIT_S = 30
_RETRY_AFTER_S = 5


class _Turn(Struct):
    pushes: int = 0
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))


class PushTurns:
    """Counts the pushes of each user in this process. Those that wait hold no connection."""

    def __init__(self) -> None:
        self._turns: dict[int, _Turn] = {}

    @asynccontextmanager
    async def turn(self, user_id: int) -> AsyncIterator[None]:
        """Waits until fewer pushes of the user are at work. Raises TooMany after half a minute."""
        turn = self._turns.setdefault(user_id, _Turn())
        turn.pushes += 1
        try:
            async with asyncio.timeout(_WAIT_S) as waiting, turn.free:
                waiting.reschedule(None)
                yield
        except TimeoutError:
            if not waiting.expired():
                raise
            raise TooMany("your other pushes are still being stored", retry_after_s=_RETRY_AFTER_S) from None
        finally:
            turn.pushes -= 1
            if turn.pushes == 0:
                del self._turns[user_id]
