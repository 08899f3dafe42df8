"""A take is stored first; then one transaction writes it and its job, so that there is no job without a recording."""

import asyncio
from datetime import timedelta
from typing import BinaryIO
from uuid import UUID, uuid4

from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from koodtx.audio.inspect import Audio, inspect
from koodtx.database.query import Connection
from koodtx.errors import KoodtxError, NotFound
from koodtx.file_names import file_name
from koodtx.jobs import notify, own
from koodtx.jobs import store as jobs
from koodtx.settings import Settings
from koodtx.storage.files import NewFile, pieces_of, remove_file, store_file
from koodtx.storage.objects import Objects
from koodtx.storage.store import StoredObject
from koodtx.takes import store
from koodtx.takes.errors import AnalysisServerMissing, NoReferenceAudio, TakesFull
from koodtx.takes.tasks import NoArguments, analyse_take


class Uploads:
    """Stores takes of users."""

    def __init__(self, pool: AsyncConnectionPool, redis: Redis | None, objects: Objects, settings: Settings) -> None:
        self._pool = pool
        self._redis = redis
        self._objects = objects
        self._settings = settings

    async def check(self, user_id: int, line_id: int) -> None:
        """Before the recording is received. Raises NotFound, and what else would have it refused."""
        async with self._pool.connection() as connection, connection.transaction():
            await self._check(connection, user_id, line_id, 0)

    async def store(self, user_id: int, line_id: int, file: BinaryIO) -> UUID:
        """Returns the id of the job that analyses the take. Raises UnsupportedAudio, AudioDamaged, StorageUnavailable,
        and what `check` raises.
        """
        audio = await asyncio.to_thread(inspect, file)
        # Nothing of the name that the client gave.
        name = file_name(f"take-of-line-{line_id}", audio.extension)
        new = NewFile(purpose="take", user_id=user_id, file_name=name, media_type=audio.media_type)
        stored = await store_file(self._pool, self._objects, new, pieces_of(file))
        try:
            job_id = await self._write(user_id, line_id, stored, audio)
        except KoodtxError:
            await remove_file(self._pool, self._objects, stored.key)
            # After any other error it is not known whether the transaction was committed: the clean-up looks.
            raise
        await notify.wake_worker(self._redis, analyse_take.lane)
        return job_id

    async def _write(self, user_id: int, line_id: int, stored: StoredObject, audio: Audio) -> UUID:
        take = store.NewTake(
            job_id=uuid4(),
            user_id=user_id,
            line_id=line_id,
            audio_key=stored.key,
            duration_s=audio.duration_s,
            sample_rate_hz=audio.sample_rate_hz,
        )
        async with self._pool.connection() as connection, connection.transaction():
            await store.lock_user(connection, user_id)
            await self._check(connection, user_id, line_id, stored.byte_count)
            await store.insert_take(connection, take, timedelta(seconds=self._settings.analysis_timeout_s))
            return await analyse_take.enqueue(
                connection, NoArguments(), job_id=take.job_id, subject=jobs.Subject(user_id)
            )

    async def _check(self, connection: Connection, user_id: int, line_id: int, byte_count: int) -> None:
        line = await store.find_line(connection, line_id)
        if line is None:
            raise NotFound
        if not line.has_audio:
            raise NoReferenceAudio
        settings = self._settings
        if not settings.analysis_server_url:
            raise AnalysisServerMissing
        await own.check_limit(connection, user_id, settings.max_user_jobs, is_due=True)
        await own.check_limit(connection, user_id, settings.max_user_jobs, is_due=False)
        used = await store.usage(connection, user_id)
        if settings.max_user_takes and used.take_count >= settings.max_user_takes:
            raise TakesFull(f"you have {settings.max_user_takes} takes, which is the limit")
        if settings.max_user_take_bytes and used.byte_count + byte_count > settings.max_user_take_bytes:
            raise TakesFull(f"your takes would have more than {settings.max_user_take_bytes} bytes, which is the limit")
