"""`koodtx up`: PostgreSQL, Redis, migration, API, workers, scheduler, scorer in the foreground, without setup."""

import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from koodtx.embedded.choose import find_postgres, find_redis
from koodtx.embedded.data_folder import kept_secret, make_data_dir, remember_kind, remembered_kind, write_private
from koodtx.embedded.errors import EmbeddedError
from koodtx.embedded.postgres import PrivatePostgres
from koodtx.embedded.redis import PrivateRedis
from koodtx.embedded.scorer import scorer_environment, scorer_options
from koodtx.processes.addresses import answers_ok, base_url, is_port_free
from koodtx.processes.console import Progress
from koodtx.processes.errors import ProcessFailed
from koodtx.processes.locks import folder_lock, try_lock
from koodtx.processes.server_user import own_folder
from koodtx.processes.service import Service, run_to_end
from koodtx.processes.supervisor import StopRequested, Supervisor, stop_on_signals
from koodtx.settings import read_env_file

AfterReady = Callable[[str], int | None]

_APP_ROLE = "koodtx_app"
# What other commands read from the data folder while this one runs. The last is not a setting: `koodtx backup` uses it.
_WRITTEN = (
    "KOODTX_DATABASE_URL",
    "KOODTX_MIGRATION_DATABASE_URL",
    "KOODTX_REDIS_URL",
    "KOODTX_SECRET_KEY",
    "KOODTX_STORAGE_URL",
    "KOODTX_POSTGRES_PROGRAMS",
)


def run_up(
    host: str,
    port: int,
    data_dir: Path,
    workers: int,
    postgres_kind: str | None,
    after_ready: AfterReady | None = None,
) -> int:
    """Starts everything and runs until Ctrl-C; returns the exit code.

    PostgreSQL and Redis are private ones unless KOODTX_DATABASE_URL and KOODTX_REDIS_URL name others. `after_ready`
    is called with the API's base URL, in a thread, once everything is up: an int that it returns ends everything and
    becomes the exit code, None keeps everything running. What it raises is raised here, after the stop.
    """
    progress = Progress()
    try:
        with stop_on_signals():
            trial = _Trial(progress, data_dir.resolve(), host, port)
            return trial.run(workers, postgres_kind, after_ready)
    except StopRequested:
        progress.say("Stopped. The data are kept.")
        return 0
    except ProcessFailed as error:
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
        lock = folder_lock(self._data_dir)
        if not try_lock(lock):
            raise EmbeddedError(f"Another `koodtx up` runs with {self._data_dir}: use it, stop it, or use --data-dir.")
        try:
            self._require_port()
            # Left by an `up` that was killed, whose servers are gone.
            (self._data_dir / "env").unlink(missing_ok=True)
            self._start(workers, postgres_kind)
            return self._stay(after_ready)
        finally:
            (self._data_dir / "env").unlink(missing_ok=True)
            self._supervisor.stop()
            lock.release()

    def _require_port(self) -> None:
        if not is_port_free(self._host, self._port):
            raise EmbeddedError(f"Port {self._port} on {self._host} is taken: stop what listens there, or use --port.")

    def _start(self, workers: int, postgres_kind: str | None) -> None:
        if not self._env.get("KOODTX_SECRET_KEY"):
            self._env["KOODTX_SECRET_KEY"] = kept_secret(self._data_dir / "secret")
        if not self._env.get("KOODTX_STORAGE_URL"):
            self._env["KOODTX_STORAGE_URL"] = (self._data_dir / "objects").absolute().as_uri()
        postgres = None if self._env.get("KOODTX_DATABASE_URL") else self._start_postgres(postgres_kind)
        if not self._env.get("KOODTX_REDIS_URL"):
            self._start_redis()
        if postgres:
            self._env["KOODTX_DATABASE_URL"] = self._env["KOODTX_MIGRATION_DATABASE_URL"] = postgres.conninfo()
        with self._progress.step("Migrating the database", "Database", "migrated"):
            run_to_end("The migration", _koodtx("migrate"), env=self._env, log=self._data_dir / "migrate.log")
        if postgres:
            self._env["KOODTX_DATABASE_URL"] = self._enable_app_login(postgres)
        of_scorer = scorer_environment(self._env, self._data_dir, base_url(self._host, self._port))
        self._env |= of_scorer
        lines = [f"{name}={self._env[name]}" for name in _WRITTEN if self._env.get(name)]
        write_private(self._data_dir / "env", "\n".join(lines))
        self._supervisor.start(self._api(workers))
        # What a person waits for has a worker of its own; the other takes everything.
        lanes = (("Worker", "worker", "interactive,batch"), ("Interactive worker", "interactive-worker", "interactive"))
        for name, log, served in lanes:
            self._supervisor.start(self._runner(name, log, "worker", "--workers", "1", "--lanes", served))
        self._supervisor.start(self._runner("Scheduler", "scheduler", "scheduler"))
        if of_scorer:
            # Last, and not waited for: an analysis that is requested before it listens is requested again.
            self._supervisor.start(self._runner("Scorer", "scorer", *scorer_options(self._env)))

    def _start_postgres(self, kind: str | None) -> PrivatePostgres:
        wanted = kind or self._env.get("KOODTX_POSTGRES_KIND") or remembered_kind(self._data_dir)
        binaries = find_postgres(wanted, self._progress.say)
        postgres = PrivatePostgres(binaries, own_folder(self._data_dir, "postgres"))
        self._supervisor.start(postgres)
        remember_kind(self._data_dir, binaries.kind)
        self._env["KOODTX_POSTGRES_PROGRAMS"] = str(binaries.bin_dir)
        program = "psql" if shutil.which("psql") else str(binaries.bin_dir / "psql")
        self._psql = f"{program} '{postgres.conninfo()}'"
        return postgres

    def _start_redis(self) -> None:
        redis = PrivateRedis(find_redis(self._progress.say), own_folder(self._data_dir, "redis"))
        self._supervisor.start(redis)
        self._env["KOODTX_REDIS_URL"] = redis.url

    def _enable_app_login(self, postgres: PrivatePostgres) -> str:
        """Gives the API's role, which the migration makes without a password, one; returns its URL."""
        password = kept_secret(self._data_dir / "app.password")
        with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
            # Hashed here: the statement would be in the server's log if it failed.
            hashed = connection.pgconn.encrypt_password(password.encode(), _APP_ROLE.encode(), b"scram-sha-256")
            connection.execute(
                sql.SQL("alter role {} login password {}").format(
                    sql.Identifier(_APP_ROLE), sql.Literal(hashed.decode())
                )
            )
        return postgres.conninfo(user=_APP_ROLE, password=password)

    def _api(self, workers: int) -> Service:
        arguments = ["serve", "--host", self._host, "--port", str(self._port), "--workers", str(workers)]
        health = f"{base_url(self._host, self._port)}/health"
        log = self._data_dir / "api.log"
        title = f"API on {base_url(self._host, self._port)}"
        return Service("API", title, _koodtx(*arguments), env=self._env, log=log, is_ready=lambda: answers_ok(health))

    def _runner(self, name: str, log_name: str, *arguments: str) -> Service:
        """A part without a port: it is ready as soon as it runs."""
        log = self._data_dir / f"{log_name}.log"
        return Service(name, name, _koodtx(*arguments), env=self._env, log=log, is_ready=lambda: True)

    def _stay(self, after_ready: AfterReady | None) -> int:
        url = base_url(self._host, self._port)
        self._show(url)
        call = _Call(after_ready, url)
        self._supervisor.watch(until=call.wants_stop)
        return call.exit_code()

    def _show(self, url: str) -> None:
        say = self._progress.say
        say("")
        say(f"  API        {url}")
        say(f"  Docs       {url}/docs/")
        say(f"  Database   {self._database_hint()}")
        say(f"  Data, logs {self._data_dir}")
        say("")
        say("Ctrl-C stops everything.")

    def _database_hint(self) -> str:
        """How to open the database. The superuser's password is shown at a terminal only, not written to a log."""
        if self._psql is None:
            return "that of KOODTX_DATABASE_URL"
        if self._progress.is_terminal:
            return self._psql
        return f"psql with KOODTX_MIGRATION_DATABASE_URL in {self._data_dir / 'env'}"


class _Call:
    """`after_ready` in a thread of its own, while the main thread watches the parts."""

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
