"""One private PostgreSQL: made once, run as our child, ended with us."""

import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

import psycopg
from psycopg import sql

from koodtx.embedded import EmbeddedError, leftovers
from koodtx.embedded.account import settle
from koodtx.embedded.binaries import PostgresBinaries
from koodtx.embedded.locks import FolderLock
from koodtx.embedded.process import begin_log, end, free_port, last_words_of, run_bounded, spawn
from koodtx.embedded.secret_files import kept_secret

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

# A background worker for each database with the extension, beside those of parallel queries.
_TIMESCALEDB_SETTINGS: Mapping[str, str] = MappingProxyType(
    {"shared_preload_libraries": "timescaledb", "timescaledb.telemetry_level": "off", "max_worker_processes": "32"}
)

# What a failed start says when the one before has not quite ended; trying again helps.
_STILL_ENDING = ("lock file", "still in use", "is another postmaster", "starting up")
_PORT_TAKEN = "address already in use"


class PrivatePostgres:
    """A PostgreSQL of our own on 127.0.0.1, with the superuser and the database `koodtx`. A context manager.

    `data_dir` is where its files really are: for root that can be another folder than the one asked for. `settings`
    beat the defaults; `port` is chosen at the first start and kept by later ones. On Linux the server ends when the
    thread that started it does.
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
        home = settle(data_dir)
        self.title = binaries.title
        self.data_dir = home.folder
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None
        self._account = home.account
        self._binaries = binaries
        self._settings = {**_SETTINGS, **(_TIMESCALEDB_SETTINGS if binaries.has_timescaledb else {}), **settings}
        self._lock = FolderLock(home.folder)
        self._cluster = home.folder / "data"
        self._log = home.folder / "server.log"
        self._port_is_fixed = port is not None

    def conninfo(self, dbname: str = DATABASE, user: str = SUPERUSER, password: str | None = None) -> str:
        """A postgresql:// URL. Without `password` it carries the superuser's own."""
        secret = kept_secret(self.data_dir / "password", self._account) if password is None else password
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{dbname}"

    def start(self) -> None:
        """Make the cluster if there is none, start the server and wait until the database answers.

        Also restarts a server, however the last one ended. Raises EmbeddedError, with the last lines of the log.
        """
        if not self._lock.take(wait_s=0.5):
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
            raise EmbeddedError(f"{self.title} ended just after its start: {last_words_of(self._log)}") from error

    def stop(self) -> None:
        """Fast shutdown, then immediate shutdown, then kill. Does nothing to a server that has ended."""
        self._end_process()
        if self._lock.is_held:
            leftovers.end_all(self._cluster)
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
        """Into a draft that is moved into place when whole: a killed initdb leaves nothing that looks like data."""
        kept_secret(self.data_dir / "password", self._account)
        draft = self.data_dir / "data.new"
        leftovers.remove_tree(draft)
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
            run_bounded(command, limit_s=_INITDB_LIMIT_S, cwd=self.data_dir, account=self._account)
        except EmbeddedError as error:
            raise EmbeddedError(f"Cannot make a database in {self.data_dir}: {error}") from error
        draft.rename(self._cluster)

    def _check_version(self) -> None:
        made_by = (self._cluster / "PG_VERSION").read_text().strip()
        if made_by != self._binaries.major:
            raise EmbeddedError(
                f"The data in {self.data_dir} were made by PostgreSQL {made_by}, and this is {self._binaries.title}. "
                "Choose the kind you had before with --postgres, or move that folder away to begin anew."
            )

    def _try_start(self, deadline: float) -> bool:
        """Whether the server runs now. False when another try may help, else EmbeddedError."""
        leftovers.end_all(self._cluster)
        leftovers.forget_dead_owner(self._cluster)
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
        self._raise_unless_passing(last_words_of(self._log, log_start), deadline)
        return False

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(self.port)}
        options = [word for name, value in {**self._settings, **settings}.items() for word in ("-c", f"{name}={value}")]
        return spawn(
            [self._binaries.bin_dir / "postgres", "-D", self._cluster, *options],
            cwd=self.data_dir,
            log=self._log,
            account=self._account,
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

    def _raise_unless_passing(self, said: str, deadline: float) -> None:
        complaint = said.lower()
        if time.monotonic() < deadline:
            if any(words in complaint for words in _STILL_ENDING):
                return
            if _PORT_TAKEN in complaint and not self._port_is_fixed:
                return
        raise EmbeddedError(f"{self.title} does not start: {said} (log: {self._log})")

    def _ensure_database(self) -> None:
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            known = connection.execute("select from pg_database where datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
