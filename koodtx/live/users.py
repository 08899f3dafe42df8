"""Listeners to everything of one user: changes of jobs and of sessions."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from psycopg_pool import AsyncConnectionPool

from koodtx.database.query import Connection
from koodtx.jobs.messages import JobState, state_of
from koodtx.live import store
from koodtx.live.messages import AccessLost, JobChanged, SessionChanged, SharesChanged
from koodtx.processes.cancellation import is_stopping

# Nothing publishes changes of sessions, so their change number is read this often; jobs every fifth time.
_READ_AGAIN_S = 1
_JOBS_EVERY = 5

Change = JobChanged | SessionChanged | SharesChanged
_log = structlog.get_logger("koodtx.live")


class UserListener:
    """One client: the newest change of each job and session that it has not been sent."""

    def __init__(self, login_id: UUID, user_id: int, change_no: int) -> None:
        self.login_id = login_id
        self.user_id = user_id
        self.change_no = change_no
        self._versions: dict[UUID, int] = {}
        self._pending: dict[UUID | str | None, tuple[int | None, Change]] = {}
        self._is_lost = False
        self._changed = asyncio.Event()

    def offer_job(self, state: JobState) -> None:
        """Versions never go back."""
        if state.version > self._versions.get(state.job_id, 0):
            self._versions[state.job_id] = state.version
            self._add(state.job_id, None, JobChanged(state))

    def offer_session(self, change_no: int, change: SessionChanged) -> None:
        """In the order of change numbers."""
        self.change_no = change_no
        self._add(change.session_id, change_no, change)

    def offer_shares(self, change_no: int) -> None:
        self._add(None, change_no, SharesChanged())

    def lose(self) -> None:
        self._is_lost = True
        self._changed.set()

    async def next(self, timeout_s: float) -> list[tuple[int | None, Change]]:
        """What is new, sessions with their change number; empty: nothing for so long. Raises AccessLost."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return []
        if self._is_lost:
            raise AccessLost
        self._changed.clear()
        pending, self._pending = self._pending, {}
        return list(pending.values())

    def _add(self, key: UUID | str | None, change_no: int | None, change: Change) -> None:
        # Behind all others: change numbers are sent in their order.
        self._pending.pop(key, None)
        self._pending[key] = (change_no, change)
        self._changed.set()


class UserListeners:
    """All of this process, by user."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool
        self._listeners: defaultdict[int, set[UserListener]] = defaultdict(set)

    @contextmanager
    def listener(self, login_id: UUID, user_id: int, change_no: int) -> Iterator[UserListener]:
        """A listener, from now on, to what changes after `change_no`."""
        listener = UserListener(login_id, user_id, change_no)
        self._listeners[user_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[user_id].discard(listener)
            if not self._listeners[user_id]:
                del self._listeners[user_id]

    def offer_job(self, user_id: int | None, state: JobState) -> None:
        for listener in self._listeners.get(user_id, ()) if user_id is not None else ():
            listener.offer_job(state)

    async def read_again_forever(self) -> None:
        """As long as the process runs."""
        round_number = 0
        while not is_stopping():
            await asyncio.sleep(_READ_AGAIN_S)
            round_number += 1
            try:
                await self._read_again(with_jobs=round_number % _JOBS_EVERY == 0)
            except Exception as error:  # the database is away: later
                _log.warning("listeners could not be checked", error=type(error).__name__)

    async def _read_again(self, *, with_jobs: bool) -> None:
        """Revoked logins and changed sessions; jobs whose message was lost."""
        listeners = [listener for of_user in self._listeners.values() for listener in of_user]
        if not listeners:
            return
        async with self._pool.connection() as connection:
            change_numbers = await store.watched_users(connection, [listener.login_id for listener in listeners])
            for listener in listeners:
                newest = change_numbers.get(listener.login_id)
                if newest is None:
                    listener.lose()
                elif newest > listener.change_no:
                    await _offer_changes(connection, listener, newest)
            if with_jobs:
                for job in await store.recent_jobs(connection, list(self._listeners)):
                    self.offer_job(job.user_id, state_of(job))


async def _offer_changes(connection: Connection, listener: UserListener, newest: int) -> None:
    """Offers what changed up to the number `newest`; if that is much, the first part of it."""
    after = listener.change_no
    changed = await store.changed_sessions(connection, listener.user_id, after)
    for change_no, change in changed:
        listener.offer_session(change_no, change)
    if len(changed) == store.SESSIONS_AT_ONCE:
        return
    shares_no = await store.newest_share_change(connection, listener.user_id, after)
    if shares_no is not None:
        listener.offer_shares(shares_no)
    # Other changes raise the number as well, and are not looked for again.
    listener.change_no = max(listener.change_no, newest, shares_no or 0)
