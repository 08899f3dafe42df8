"""Passwords, hashed by argon2id in a few threads: the event loop never waits for one."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Semaphore
from typing import TypeVar

import argon2
from argon2.exceptions import Argon2Error, InvalidHashError

from koodtx.errors import TooMany

_THREADS = 2
_QUEUE = 8

Result = TypeVar("Result")

# OWASP's least for argon2id: 19 MiB, two passes, one lane.
_argon2 = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash, with its salt and parameters."""
    return _argon2.hash(password)


def is_password(password_hash: str, password: str) -> bool:
    try:
        return _argon2.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _hash_of_nobody() -> str:
    """Made once per process, as it takes as long as any."""
    return hash_password(secrets.token_hex())


class PasswordHasher:
    """Hashes two passwords at once and keeps eight waiting; more raise TooMany."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="passwords")
        self._places = Semaphore(_THREADS + _QUEUE)
        self._nobodys = _hash_of_nobody()

    async def hash(self, password: str) -> str:
        return await self._run(hash_password, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """False without a hash, after as long a time: an unknown account answers no faster."""
        is_right = await self._run(is_password, password_hash or self._nobodys, password)
        return is_right and password_hash is not None

    def close(self) -> None:
        """Drops what waits."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[..., Result], *arguments: str) -> Result:
        if not self._places.acquire(blocking=False):
            raise TooMany("too many passwords to check just now", retry_after_s=1)
        job = self._threads.submit(work, *arguments)
        # When the job ends, not when its caller leaves: a thread is busy until then.
        job.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(job)
