"""One private Redis: run as a child of this process, ended with it. It holds caches and limits, no user data."""

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

from koodtx.embedded.choose import RedisBinary
from koodtx.embedded.data_folder import kept_secret, write_private
from koodtx.embedded.errors import EmbeddedError
from koodtx.processes.addresses import free_port
from koodtx.processes.child import end, spawn
from koodtx.processes.locks import folder_lock, try_lock
from koodtx.processes.logs import last_lines_of
from koodtx.processes.server_user import take_folder

# By default the client waits for seconds between tries.
NO_RETRY = Retry(NoBackoff(), 0)

_START_LIMIT_S = 60.0
_SETTINGS: Mapping[str, str] = MappingProxyType({"appendonly": "yes", "appendfsync": "everysec", "save": '""'})


class PrivateRedis:
    """A private Redis on 127.0.0.1 behind a random password. A context manager.

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
        self.title = binary.title
        self.data_dir = data_dir.resolve()
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None
        self._user = take_folder(self.data_dir)
        self._binary = binary
        self._settings = {**_SETTINGS, **settings}
        self._lock = folder_lock(self.data_dir)
        self._log = self.data_dir / "server.log"

    @property
    def url(self) -> str:
        """`redis://` with the password, database 0."""
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts the server, or restarts it on its port, and waits until it answers. Raises EmbeddedError."""
        if not try_lock(self._lock, wait_s=0.5):
            raise EmbeddedError(f"Another process runs the Redis in {self.data_dir}: stop that one first.")
        self.port = self.port or free_port()
        configuration = self.data_dir / "redis.conf"
        # In a file, because every user of the machine can read the arguments of a program.
        write_private(configuration, self._configuration(), self._user)
        self._log.unlink(missing_ok=True)
        self._end_process()
        self.process = spawn(
            [self._binary.path, configuration],
            cwd=self.data_dir,
            log=self._log,
            user=self._user,
        )
        self._wait(self.process)

    def stop(self) -> None:
        """SIGTERM, then SIGKILL."""
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
        return kept_secret(self.data_dir / "password", self._user)

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
        raise EmbeddedError(
            f"{self.title} does not start: {last_lines_of(self._log)} (log: {self._log}). If its files are damaged, "
            f"delete {self.data_dir}: only caches are lost."
        )
