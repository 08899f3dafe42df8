"""The listeners of one process, and how changes reach them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import msgspec
import structlog
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis
from redis.exceptions import RedisError

from koodtx.jobs import store as jobs
from koodtx.jobs.messages import JobState, PublishedState, state_of
from koodtx.jobs.notify import RIGHTS_CHANNEL, channel_of
from koodtx.live import store
from koodtx.live.messages import AccessLost
from koodtx.live.users import UserListeners
from koodtx.processes.cancellation import is_stopping

_READ_AGAIN_S = 5
_RETRY_S = 1
# Between two checks of all listeners, however often rights change.
_REST_S = 0.2
_LOOKUPS_AT_ONCE = 3

_log = structlog.get_logger("koodtx.live")


class Listener:
    """One client that watches one job: the newest state that it has not been sent."""

    def __init__(self, login_id: UUID, job_id: UUID) -> None:
        self.login_id = login_id
        self.job_id = job_id
        self.key = (login_id, job_id)
        self.version = 0
        self._state: JobState | None = None
        self._is_lost = False
        self._changed = asyncio.Event()

    def offer(self, state: JobState) -> None:
        """Versions never go back."""
        if state.version > self.version:
            self._state, self.version = state, state.version
            self._changed.set()

    def lose(self) -> None:
        self._is_lost = True
        self._changed.set()

    async def next(self, timeout_s: float) -> JobState | None:
        """The newest state; None when there was none for so long. Raises AccessLost."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return None
        if self._is_lost:
            raise AccessLost
        self._changed.clear()
        return self._state


class Hub:
    """All listeners of this process: `users` to everything of a user, the others by job."""

    def __init__(self, pool: AsyncConnectionPool, redis: Redis | None) -> None:
        self._pool = pool
        self._redis = redis
        self.users = UserListeners(pool)
        # Thousands of clients may connect in the same second; other requests need connections too.
        self.lookups = asyncio.Semaphore(_LOOKUPS_AT_ONCE)
        self._listeners: defaultdict[UUID, set[Listener]] = defaultdict(set)
        self._rights_changed = asyncio.Event()

    @contextmanager
    def listener(self, login_id: UUID, job_id: UUID) -> Iterator[Listener]:
        """A listener, from now on: subscribe first and read the state then, and no change is missed."""
        listener = Listener(login_id, job_id)
        self._listeners[job_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[job_id].discard(listener)
            if not self._listeners[job_id]:
                del self._listeners[job_id]

    async def run(self) -> None:
        """As long as the process runs."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read_again_forever())
            group.create_task(self.users.read_again_forever())
            if self._redis is not None:
                group.create_task(self._receive_forever(self._redis))

    async def _receive_forever(self, redis: Redis) -> None:
        while not is_stopping():
            try:
                async with redis.pubsub() as pubsub:
                    await pubsub.psubscribe(channel_of("*"))
                    await pubsub.subscribe(RIGHTS_CHANNEL)
                    while not is_stopping():
                        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=_READ_AGAIN_S)
                        if message is not None and message["channel"] == RIGHTS_CHANNEL.encode():
                            self._rights_changed.set()
                        elif message is not None:
                            self._offer(msgspec.json.decode(message["data"], type=PublishedState))
            except (RedisError, OSError) as error:
                _log.warning("changes are read from the database only", error=type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    def _offer(self, published: PublishedState) -> None:
        for listener in self._listeners.get(published.state.job_id, ()):
            listener.offer(published.state)
        self.users.offer_job(published.user_id, published.state)

    async def _read_again_forever(self) -> None:
        while not is_stopping():
            with suppress(TimeoutError):
                async with asyncio.timeout(_READ_AGAIN_S):
                    await self._rights_changed.wait()
            self._rights_changed.clear()
            try:
                await self._read_again()
            except Exception as error:  # the database is away: later
                _log.warning("listeners could not be checked", error=type(error).__name__)
            await asyncio.sleep(_REST_S)

    async def _read_again(self) -> None:
        """Lost messages, revoked logins, lost rights, jobs that are gone: one query for all."""
        listeners = [listener for job in self._listeners.values() for listener in job]
        if not listeners:
            return
        async with self._pool.connection() as connection:
            versions = await store.watched_jobs(connection, [item.key for item in listeners])
            behind = {item.job_id for item in listeners if versions.get(item.key, 0) > item.version}
            changed = [await jobs.get_job(connection, job_id) for job_id in behind]
        for listener in listeners:
            if listener.key not in versions:
                listener.lose()
        for job in changed:
            if job is not None:
                self._offer(PublishedState(state_of(job), job.user_id))
