"""One private Redis: run as our child, ended with us. It holds caches and limits, no user data."""

import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from koodtx.embedded import EmbeddedError
from koodtx.embedded.account import settle
from koodtx.embedded.binaries import RedisBinary
from koodtx.embedded.locks import FolderLock
from koodtx.embedded.process import end, free_port, last_words_of, spawn
from koodtx.embedded.secret_files import kept_secret, write_private

# The client's own would wait for seconds between tries.
NO_RETRY = Retry(NoBackoff(), 0)

_START_LIMIT_S = 60.0
_SETTINGS: Mapping[str, str] = MappingProxyType({"appendonly": "yes", "appendfsync": "everysec", "save": '""'})


class PrivateRedis:
    """A Redis of our own on 127.0.0.1 behind a random password. A context manager.

    `data_dir`, `settings` and `port` are as in PrivatePostgres.
    """

    name = "Redis"

    def __init__(
        self,
        binary: RedisBinary,
        data_dir: Path,
        *,
        settings: Mapping[str, str] = MappingProxyType({}),
        port: int | None = None,
    ) -> None:
        home = settle(data_dir)
        self.title = binary.title
        self.data_dir = home.folder
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None
        self._account = home.account
        self._binary = binary
        self._settings = {**_SETTINGS, **settings}
        self._lock = FolderLock(home.folder)
        self._log = home.folder / "server.log"

    @property
    def url(self) -> str:
        """`redis://` with the password, database 0."""
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server, or start it again on its port, and wait until it answers. Raises EmbeddedError."""
        if not self._lock.take(wait_s=0.5):
            raise EmbeddedError(f"Another process runs the Redis in {self.data_dir}: stop that one first.")
        self.port = self.port or free_port()
        configuration = self.data_dir / "redis.conf"
        # In a file, since every user of the machine can read the arguments of a program.
        write_private(configuration, self._configuration(), self._account)
        self._log.unlink(missing_ok=True)
        self._end_process()
        self.process = spawn(
            [self._binary.path, configuration],
            cwd=self.data_dir,
            log=self._log,
            account=self._account,
        )
        self._wait(self.process)

    def stop(self) -> None:
        """Ask it to end, then kill it."""
        self._end_process()
        self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _end_process(self) -> None:
        if self.process is not None:
            end(self.process, (signal.SIGTERM, 10))

    def _password(self) -> str:
        return kept_secret(self.data_dir / "password", self._account)

    def _configuration(self) -> str:
        address = {"bind": "127.0.0.1", "port": str(self.port)}
        lines = {**self._settings, **address, "requirepass": self._password(), "dir": f'"{self.data_dir}"'}
        return "\n".join(f"{name} {value}" for name, value in lines.items())

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_LIMIT_S
        with redis.Redis.from_url(self.url, socket_timeout=5, retry=NO_RETRY) as client:
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    client.ping()
                except (redis.ConnectionError, redis.TimeoutError):
                    time.sleep(0.02)
                else:
                    return
        end(process)
        said = last_words_of(self._log)
        raise EmbeddedError(
            f"{self.title} does not start: {said} (log: {self._log}). If its files are damaged, "
            f"delete {self.data_dir}: nothing is lost but caches."
        )
