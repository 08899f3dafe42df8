"""`koodtx up`: PostgreSQL, Redis, migration and API in the foreground, with nothing to set up."""

import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from koodtx.embedded import EmbeddedError
from koodtx.embedded.addresses import answers_ok, base_url
from koodtx.embedded.binaries import find_postgres, find_redis
from koodtx.embedded.data_folder import make_data_dir, remember_kind, remembered_kind
from koodtx.embedded.locks import FolderLock
from koodtx.embedded.postgres import PrivatePostgres
from koodtx.embedded.process import is_port_free
from koodtx.embedded.progress import Progress
from koodtx.embedded.redis import PrivateRedis
from koodtx.embedded.secret_files import kept_secret, write_private
from koodtx.embedded.service import Service, run_to_end
from koodtx.embedded.supervisor import StopRequested, Supervisor, stop_on_signals
from koodtx.settings import read_env_file

AfterReady = Callable[[str], int | None]

_APP_ROLE = "koodtx_app"
_WRITTEN = ("KOODTX_DATABASE_URL", "KOODTX_MIGRATION_DATABASE_URL", "KOODTX_REDIS_URL", "KOODTX_SECRET_KEY")


def run_up(
    host: str,
    port: int,
    data_dir: Path,
    workers: int,
    postgres_kind: str | None,
    after_ready: AfterReady | None = None,
) -> int:
    """Start everything and stay until Ctrl-C; the exit code.

    PostgreSQL and Redis are our own unless KOODTX_DATABASE_URL and KOODTX_REDIS_URL name others. `after_ready` is
    called with the API's base URL, in a thread, once everything is up: an int that it returns ends everything and
    becomes the exit code, None lets everything stay up. What it raises is raised here, after the stop.
    """
    progress = Progress()
    try:
        with stop_on_signals():
            trial = _Trial(progress, data_dir.resolve(), host, port)
            return trial.run(workers, postgres_kind, after_ready)
    except StopRequested:
        progress.say("Stopped. The data stay where they are.")
        return 0
    except EmbeddedError as error:
        progress.complain(str(error))
        return 1


class _Trial:
    """One run of `koodtx up`."""

    def __init__(self, progress: Progress, data_dir: Path, host: str, port: int) -> None:
        self._progress = progress
        self._data_dir = data_dir
        self._host = host
        self._port = port
        self._env = {**read_env_file(Path(".env")), **os.environ}
        self._psql: str | None = None
        self._supervisor = Supervisor(progress)

    def run(self, workers: int, postgres_kind: str | None, after_ready: AfterReady | None) -> int:
        make_data_dir(self._data_dir)
        with FolderLock(self._data_dir) as lock:
            if not lock.take():
                raise EmbeddedError(f"Another `koodtx up` runs with {self._data_dir}: use it, stop it, or --data-dir.")
            self._require_port()
            # Of an `up` that was killed: its servers are gone.
            (self._data_dir / "env").unlink(missing_ok=True)
            try:
                self._start(workers, postgres_kind)
                return self._stay(after_ready)
            finally:
                (self._data_dir / "env").unlink(missing_ok=True)
                self._supervisor.stop()

    def _require_port(self) -> None:
        if not is_port_free(self._host, self._port):
            raise EmbeddedError(f"Port {self._port} on {self._host} is taken: stop what listens there, or use --port.")

    def _start(self, workers: int, postgres_kind: str | None) -> None:
        if not self._env.get("KOODTX_SECRET_KEY"):
            self._env["KOODTX_SECRET_KEY"] = kept_secret(self._data_dir / "secret")
        postgres = None if self._env.get("KOODTX_DATABASE_URL") else self._start_postgres(postgres_kind)
        if not self._env.get("KOODTX_REDIS_URL"):
            self._start_redis()
        if postgres:
            self._env["KOODTX_DATABASE_URL"] = self._env["KOODTX_MIGRATION_DATABASE_URL"] = postgres.conninfo()
        with self._progress.step("Migrating the database", "Database", "migrated"):
            run_to_end("The migration", _koodtx("migrate"), env=self._env, log=self._data_dir / "migrate.log")
        if postgres:
            self._env["KOODTX_DATABASE_URL"] = self._let_app_log_in(postgres)
        lines = [f"{name}={self._env[name]}" for name in _WRITTEN if self._env.get(name)]
        write_private(self._data_dir / "env", "\n".join(lines))
        self._supervisor.start(self._api(workers))
        # What a person waits for has a worker of its own; the other takes everything.
        lanes = (("Worker", "worker", "interactive,batch"), ("Interactive worker", "interactive-worker", "interactive"))
        for name, log, served in lanes:
            self._supervisor.start(self._runner(name, log, "worker", "--workers", "1", "--lanes", served))
        self._supervisor.start(self._runner("Scheduler", "scheduler", "scheduler"))

    def _start_postgres(self, kind: str | None) -> PrivatePostgres:
        wanted = kind or self._env.get("KOODTX_POSTGRES_KIND") or remembered_kind(self._data_dir)
        binaries = find_postgres(wanted, self._progress.say)
        postgres = PrivatePostgres(binaries, self._data_dir / "postgres")
        self._supervisor.start(postgres)
        remember_kind(self._data_dir, binaries.kind)
        program = "psql" if shutil.which("psql") else str(binaries.bin_dir / "psql")
        self._psql = f"{program} '{postgres.conninfo()}'"
        return postgres

    def _start_redis(self) -> None:
        redis = PrivateRedis(find_redis(self._progress.say), self._data_dir / "redis")
        self._supervisor.start(redis)
        self._env["KOODTX_REDIS_URL"] = redis.url

    def _let_app_log_in(self, postgres: PrivatePostgres) -> str:
        """The API's own role, which the migration made without a password; its URL."""
        password = kept_secret(self._data_dir / "app.password")
        statement = sql.SQL("alter role {} login password {}").format(sql.Identifier(_APP_ROLE), sql.Literal(password))
        with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
            connection.execute(statement)
        return postgres.conninfo(user=_APP_ROLE, password=password)

    def _api(self, workers: int) -> Service:
        arguments = ["serve", "--host", self._host, "--port", str(self._port), "--workers", str(workers)]
        health = f"{base_url(self._host, self._port)}/health"
        log = self._data_dir / "api.log"
        title = f"API on {base_url(self._host, self._port)}"
        return Service("API", title, _koodtx(*arguments), env=self._env, log=log, is_ready=lambda: answers_ok(health))

    def _runner(self, name: str, log_name: str, *arguments: str) -> Service:
        """A part without a port: it is ready when it has begun."""
        log = self._data_dir / f"{log_name}.log"
        return Service(name, name, _koodtx(*arguments), env=self._env, log=log, is_ready=lambda: True)

    def _stay(self, after_ready: AfterReady | None) -> int:
        url = base_url(self._host, self._port)
        self._tell(url)
        call = _Call(after_ready, url)
        self._supervisor.watch(until=call.wants_stop)
        return call.exit_code()

    def _tell(self, url: str) -> None:
        say = self._progress.say
        say("")
        say(f"  API        {url}")
        say(f"  Docs       {url}/docs/")
        say(f"  Database   {self._psql or 'the one that KOODTX_DATABASE_URL names'}")
        say(f"  Data, logs {self._data_dir}")
        say("")
        say("Ctrl-C stops everything.")


class _Call:
    """`after_ready` in a thread of its own, while the main thread looks after the parts."""

    def __init__(self, function: AfterReady | None, url: str) -> None:
        self._function = function
        self._url = url
        self._answer: int | None = None
        self._error: BaseException | None = None
        if function is not None:
            threading.Thread(target=self._run, name="after-ready", daemon=True).start()

    def wants_stop(self) -> bool:
        return self._answer is not None or self._error is not None

    def exit_code(self) -> int:
        if self._error is not None:
            raise self._error
        return self._answer or 0

    def _run(self) -> None:
        assert self._function is not None
        try:
            self._answer = self._function(self._url)
        except BaseException as error:
            self._error = error


def _koodtx(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "koodtx", *arguments]
