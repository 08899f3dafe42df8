"""`koodtx up` as a process of its own, with data that a crash must not harm, and ways to kill each of its parts."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from koodtx.processes.addresses import free_port
from koodtx.settings import read_env_file
from tests.faults.process_info import arguments, children, processes_of
from tests.support.private_servers import make_data_dir
from tests.support.waiting import wait_until

# No limits: they are tested elsewhere, and these clients all come from one address.
_ENVIRONMENT = {
    "KOODTX_PUSHES_PER_MINUTE": "0",
    "KOODTX_MAX_USER_PULLS": "0",
    "KOODTX_LOGINS_PER_MINUTE": "0",
    "KOODTX_LOGINS_PER_MINUTE_ADDRESS": "0",
    "KOODTX_LOG_LEVEL": "warning",
}
_START_S = 120
_STOP_S = 40


class Stack:
    """PostgreSQL, Redis and API, with all data in `folder`. Its settings are those that everybody gets."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.data_dir = make_data_dir(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.started_in_s = 0.0
        ours = {name: value for name, value in os.environ.items() if not name.startswith("KOODTX_")}
        kind = os.environ.get("KOODTX_POSTGRES_KIND")
        chosen = {"KOODTX_POSTGRES_KIND": kind} if kind else {}
        # The last: a mark that every process of the project except the servers inherits, to find them by.
        self._environ = ours | chosen | _ENVIRONMENT | environ | {"FAULT_TESTS_FOLDER": str(folder)}

    def start(self) -> None:
        """Starts everything and waits until the API answers."""
        self.process = self.spawn()
        self.started_in_s = wait_until(self._is_started, _START_S, "start")

    def spawn(self) -> subprocess.Popen[bytes]:
        """Runs `koodtx up`, and leaves waiting and ending to the caller."""
        with (self.folder / "up.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "koodtx", "up", "--port", str(self.port), "--data-dir", self.data_dir],
                cwd=self.folder,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        """What `koodtx up` has printed."""
        return (self.folder / "up.log").read_text(errors="replace")

    def signal(self, number: int) -> int:
        """Sends a signal to `koodtx up` and waits until it has ended; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(_STOP_S)

    def stop(self) -> None:
        """As Ctrl-C does; what would not go is killed."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(_STOP_S)
            finally:
                self.process.kill()
                self.process.wait()

    def processes(self) -> dict[int, str]:
        """All living processes of this stack, with their command lines."""
        return processes_of(self.folder)

    def is_healthy(self) -> bool:
        """Whether the API answers that all is well."""
        try:
            return httpx.get(f"{self.url}/health", timeout=5).is_success
        except httpx.TransportError:
            return False

    def database(self) -> psycopg.Connection[Any]:
        """A connection as the owner of everything."""
        env = read_env_file(self.folder / "data/env")
        return psycopg.connect(env["KOODTX_MIGRATION_DATABASE_URL"], autocommit=True, connect_timeout=5)

    def redis_url(self) -> str:
        return read_env_file(self.folder / "data/env")["KOODTX_REDIS_URL"]

    def api(self) -> int:
        """The process that `koodtx serve` began with."""
        return next(pid for pid in self._children() if "koodtx serve" in arguments(pid))

    def api_worker(self) -> int:
        """The process that answers requests."""
        return max(children(self.api()))

    def postgres(self) -> int:
        """PostgreSQL's first process, which all others of it are children of."""
        return int((self.folder / "data/postgres/data/postmaster.pid").read_text().split("\n", 1)[0])

    def connection(self) -> int:
        """PostgreSQL's process for one connection of the API, of a busy one if there is any."""
        query = """
            select pid from pg_stat_activity where usename = 'koodtx_app' and pid is not null
            order by state = 'active' desc, random() limit 1
        """
        with self.database() as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])

    def redis(self) -> int:
        return next(pid for pid, words in self.processes().items() if "redis-server" in words or "valkey" in words)

    def _children(self) -> list[int]:
        assert self.process is not None
        return children(self.process.pid)

    def _is_started(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"koodtx up has ended: {self.said()}"
        return self.is_healthy()


@contextmanager
def running_stack(**environ: str) -> Iterator[Stack]:
    """A stack that runs, in a folder that the servers' account can enter; at the end nothing of it may be left."""
    with tempfile.TemporaryDirectory(prefix="koodtx-faults-") as name:
        folder = Path(name).resolve()
        if os.geteuid() == 0:
            folder.chmod(0o755)
        stack = Stack(folder, environ)
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()
            left = stack.processes()
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        assert not left, f"these were left running: {left}"
