"""A run over all accounts, in pages: one recommendation per user and day, whatever happens to others."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import structlog
from psycopg_pool import AsyncConnectionPool

from koodtx.database.query import translated
from koodtx.errors import DatabaseUnavailable, KoodtxError
from koodtx.recommendations import store
from koodtx.recommendations.messages import RecommendationRun
from koodtx.recommendations.recommender import Finding, Recommender, Texts
from koodtx.recommendations.store import Candidate, State

# Accounts that are read at once, and users that the recommender works for at the same time.
_PAGE = 1000
_AT_ONCE = 4

_log = structlog.get_logger("koodtx.recommendations")

# How many accounts there are, and what became of those that are done.
Report = Callable[[int, RecommendationRun], Awaitable[None]]


class DailyRun:
    """One run. `counts` has what became of each account so far, also when the run is interrupted."""

    def __init__(self, pool: AsyncConnectionPool, recommender: Recommender, job_id: UUID) -> None:
        self.counts = RecommendationRun()
        self._pool = pool
        self._recommender = recommender
        self._job_id = job_id

    async def run(self, day: date | None, user_id: int | None, report: Report) -> None:
        """`day` None: yesterday of each user; `user_id` None: all. `report` may end the run by raising.

        The same job again, after an interruption, counts what it had done and does not do it again.
        """
        async with self._pool.connection() as connection:
            total = await store.count_accounts(connection) if user_id is None else 1
        after = 0
        while page := await self._page(day, user_id, after):
            for candidate in page:
                if candidate.state != "ready":
                    self._count(candidate.state)
            ready = [candidate for candidate in page if candidate.state == "ready"]
            for first in range(0, len(ready), _AT_ONCE):
                await self._recommend_all(ready[first : first + _AT_ONCE])
                await report(total, self.counts)
            await report(total, self.counts)
            after = page[-1].user_id

    async def _page(self, day: date | None, user_id: int | None, after: int) -> list[Candidate]:
        async with self._pool.connection() as connection:
            return await store.read_page(connection, day, user_id, self._job_id, after=after, limit=_PAGE)

    async def _recommend_all(self, some: list[Candidate]) -> None:
        """Raises the first error, after all of them have ended."""
        ended = await asyncio.gather(*(self._recommend(candidate) for candidate in some), return_exceptions=True)
        for state in ended:
            if isinstance(state, BaseException):
                raise state
            self._count(state)

    async def _recommend(self, candidate: Candidate) -> State:
        """Saves a recommendation or an error, in a transaction of this user's own. Raises DatabaseUnavailable."""
        findings: list[Finding] = []
        made: Texts | str
        try:
            async with self._pool.connection() as connection:
                given = await store.read_day(connection, candidate.user_id, candidate.day)
            findings = given.findings
            made = await self._recommender.recommend(given)
        except Exception as error:
            made = _reason(error)
        async with self._pool.connection() as connection:
            is_saved = await store.save(connection, candidate, self._recommender.name, made, findings, self._job_id)
        if not is_saved:
            return "has_one"
        return "recommended" if isinstance(made, Texts) else "failed"

    def _count(self, state: State) -> None:
        self.counts.users += 1
        setattr(self.counts, state, getattr(self.counts, state) + 1)


def _reason(error: Exception) -> str:
    """What is saved of an error of one user. Raises DatabaseUnavailable, which is one of all of them."""
    known = error if isinstance(error, KoodtxError) else translated(error)
    if isinstance(known, DatabaseUnavailable):
        raise known from error
    if known is not None:
        return known.detail
    _log.error("a recommendation failed", exc_info=error)
    return f"internal error ({type(error).__name__})"
