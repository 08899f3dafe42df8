"""One private PostgreSQL: initialised once, run as a child of this process, ended with it."""

import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

import psycopg
from psycopg import sql

from koodtx.embedded.choose import PostgresBinaries
from koodtx.embedded.data_folder import kept_secret
from koodtx.embedded.errors import EmbeddedError
from koodtx.processes import orphans
from koodtx.processes.addresses import free_port
from koodtx.processes.child import end, run_bounded, spawn
from koodtx.processes.errors import ProcessFailed
from koodtx.processes.locks import folder_lock, try_lock
from koodtx.processes.logs import begin_log, last_lines_of
from koodtx.processes.server_user import take_folder

DATABASE = "koodtx"
SUPERUSER = "koodtx"

# Recovery after a crash replays up to max_wal_size first.
_START_LIMIT_S = 300.0
_INITDB_LIMIT_S = 120.0

_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "jit": "off",
        "max_connections": "100",
        "max_locks_per_transaction": "256",
        "max_wal_size": "2GB",
        "shared_buffers": "256MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
)

# One background worker per database with the extension, in addition to those of parallel queries.
_TIMESCALEDB_SETTINGS: Mapping[str, str] = MappingProxyType(
    {"shared_preload_libraries": "timescaledb", "timescaledb.telemetry_level": "off", "max_worker_processes": "32"}
)

# Messages of a failed start if the previous server has not quite ended: another try may succeed.
_STILL_ENDING = ("lock file", "still in use", "is another postmaster", "starting up")
_PORT_TAKEN = "address already in use"


class PrivatePostgres:
    """A private PostgreSQL on 127.0.0.1, with the superuser and the database `koodtx`. A context manager.

    `settings` override the defaults; `port` is chosen at the first start and kept by later ones. On Linux the server
    ends when the thread that started it does. When root starts it, it runs as the owner of `data_dir`, an unprivileged
    user who must be able to enter it.
    """

    name = "PostgreSQL"

    def __init__(
        self,
        binaries: PostgresBinaries,
        data_dir: Path,
        *,
        settings: Mapping[str, str] = MappingProxyType({}),
        port: int | None = None,
    ) -> None:
        self.title = binaries.title
        self.data_dir = data_dir.resolve()
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None
        self._user = take_folder(self.data_dir)
        self._binaries = binaries
        self._settings = {**_SETTINGS, **(_TIMESCALEDB_SETTINGS if binaries.has_timescaledb else {}), **settings}
        self._lock = folder_lock(self.data_dir)
        self._cluster = self.data_dir / "data"
        self._log = self.data_dir / "server.log"
        self._port_is_fixed = port is not None

    def conninfo(self, dbname: str = DATABASE, user: str = SUPERUSER, password: str | None = None) -> str:
        """A postgresql:// URL. Without `password` it contains the superuser's."""
        secret = kept_secret(self.data_dir / "password", self._user) if password is None else password
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{dbname}"

    def start(self) -> None:
        """Initialises the cluster if there is none, starts the server and waits until the database answers.

        Also restarts a server, however the last one ended. Raises EmbeddedError with the last lines of the log.
        """
        if not try_lock(self._lock, wait_s=0.5):
            raise EmbeddedError(f"Another process runs the PostgreSQL in {self.data_dir}: stop that one first.")
        if not self._cluster.exists():
            self._initialise()
        self._check_version()
        self._end_process()
        deadline = time.monotonic() + _START_LIMIT_S
        while not self._try_start(deadline):
            time.sleep(0.3)
        try:
            self._ensure_database()
        except psycopg.OperationalError as error:
            raise EmbeddedError(f"{self.title} ended just after its start: {last_lines_of(self._log)}") from error

    def stop(self) -> None:
        """Fast shutdown, then immediate shutdown, then SIGKILL. Does nothing if the server has ended."""
        self._end_process()
        if self._lock.is_locked:
            orphans.end_all(self._cluster)
        self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _end_process(self) -> None:
        if self.process is not None:
            end(self.process, (signal.SIGINT, 20), (signal.SIGQUIT, 5))

    def _initialise(self) -> None:
        """Into a draft that is moved into place when complete: a killed initdb leaves nothing that looks like data."""
        kept_secret(self.data_dir / "password", self._user)
        draft = self.data_dir / "data.new"
        if draft.exists():
            shutil.rmtree(draft)
        command: list[str | Path] = [
            self._binaries.bin_dir / "initdb",
            "--pgdata", draft,
            "--username", SUPERUSER,
            "--pwfile", self.data_dir / "password",
            "--auth", "scram-sha-256",
            "--encoding", "UTF8",
            "--no-locale",
            "--data-checksums",
        ]  # fmt: skip
        if self._settings.get("fsync") == "off":
            command.append("--no-sync")
        try:
            run_bounded(command, limit_s=_INITDB_LIMIT_S, cwd=self.data_dir, user=self._user)
        except ProcessFailed as error:
            raise EmbeddedError(f"Cannot initialise a database in {self.data_dir}: {error}") from error
        draft.rename(self._cluster)

    def _check_version(self) -> None:
        made_by = (self._cluster / "PG_VERSION").read_text().strip()
        if made_by != self._binaries.major:
            raise EmbeddedError(
                f"The data in {self.data_dir} were made by PostgreSQL {made_by}, and this is {self._binaries.title}. "
                "Choose the kind you used before with --postgres, or move that folder away to start from nothing."
            )

    def _try_start(self, deadline: float) -> bool:
        """Whether the server runs now. False if another try may help, else EmbeddedError."""
        orphans.end_all(self._cluster)
        orphans.remove_stale_pid_file(self._cluster)
        if not self._port_is_fixed:
            self.port = free_port()
        log_start = begin_log(self._log)
        self.process = process = self._launch()
        while process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                self._port_is_fixed = True
                return True
            time.sleep(0.02)
        end(process)
        self._raise_unless_temporary(last_lines_of(self._log, log_start), deadline)
        return False

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(self.port)}
        options = [word for name, value in {**self._settings, **settings}.items() for word in ("-c", f"{name}={value}")]
        return spawn(
            [self._binaries.bin_dir / "postgres", "-D", self._cluster, *options],
            cwd=self.data_dir,
            log=self._log,
            user=self._user,
            death_signal=signal.SIGINT,
        )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.conninfo("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EmbeddedError(f"{self.data_dir}/password is not this server's: restore that file.") from error
            return False
        return True

    def _raise_unless_temporary(self, output: str, deadline: float) -> None:
        message = output.lower()
        if time.monotonic() < deadline:
            if any(words in message for words in _STILL_ENDING):
                return
            if _PORT_TAKEN in message and not self._port_is_fixed:
                return
        raise EmbeddedError(f"{self.title} does not start: {output} (log: {self._log})")

    def _ensure_database(self) -> None:
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            known = connection.execute("select from pg_database where datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
