"""Private servers with production settings: PostgreSQL, Redis, and an API per database."""

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import psycopg

from koodtx.database.migrate import migrate
from koodtx.embedded.choose import find_postgres, find_redis
from koodtx.embedded.postgres import PrivatePostgres
from koodtx.embedded.redis import PrivateRedis
from koodtx.processes.addresses import answers_ok, free_port
from koodtx.processes.service import Service
from koodtx.settings import Settings

# The guarantees of acknowledged pushes are not relaxed for speed.
_DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
_NO_LIMITS = {
    "KOODTX_PUSHES_PER_MINUTE": "0",
    "KOODTX_LOGINS_PER_MINUTE": "0",
    "KOODTX_LOGINS_PER_MINUTE_ADDRESS": "0",
    "KOODTX_MAX_USER_READINGS": "0",
    "KOODTX_MAX_USER_PULLS": "0",
    "KOODTX_MAX_LOGIN_STREAMS": "0",
    "KOODTX_LOG_LEVEL": "warning",
}


class Api:
    """A running API with its own settings and database. `owner_url` connects as the database owner."""

    def __init__(self, service: Service, port: int, owner_url: str, environment: dict[str, str]) -> None:
        self.port = port
        self.owner_url = owner_url
        self.environment = environment
        self._service = service

    @property
    def worker_pid(self) -> int:
        """Returns the process that answers requests: the only child of the started process."""
        assert self._service.process is not None
        parent = self._service.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        assert len(children) == 1, f"expected one worker, found {len(children)}"
        return int(children[0])


class Servers:
    """One PostgreSQL and one Redis; `title` names their versions."""

    def __init__(self, postgres: PrivatePostgres, redis: PrivateRedis, folder: Path) -> None:
        self.title = f"{postgres.title}, {redis.title}"
        self._postgres = postgres
        self._redis = redis
        self._folder = folder
        self._password = secrets.token_urlsafe(16)
        self._numbers = count(1)

    @contextmanager
    def worker(self, api: Api) -> Iterator[None]:
        """Starts one process that runs the jobs of `api` and waits until it is ready."""

        def is_ready() -> bool:
            with psycopg.connect(api.owner_url) as connection:
                return connection.execute("select from app.workers").fetchone() is not None

        command = [sys.executable, "-m", "koodtx", "worker", "--workers", "1"]
        log = self._folder / "worker.log"
        service = Service("worker", "worker", command, env=api.environment, log=log, is_ready=is_ready)
        service.start()
        try:
            yield
        finally:
            service.stop()

    @contextmanager
    def api(self) -> Iterator[Api]:
        """Starts an API with one worker on a new, migrated database."""
        name = f"bench_{next(self._numbers)}"
        with psycopg.connect(self._postgres.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        owner_url = self._postgres.conninfo(name)
        secret = secrets.token_urlsafe(32)
        migrate(Settings(database_url=owner_url, secret_key=secret), say=lambda _: None)
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute(f"alter role koodtx_app login password '{self._password}'")
        environment = {
            **_NO_LIMITS,
            "KOODTX_DATABASE_URL": self._postgres.conninfo(name, "koodtx_app", self._password),
            "KOODTX_REDIS_URL": self._redis.url,
            "KOODTX_SECRET_KEY": secret,
        }
        service, port = self._service(environment, name)
        service.start()
        try:
            yield Api(service, port, owner_url, environment)
        finally:
            service.stop()
            with psycopg.connect(self._postgres.conninfo("postgres"), autocommit=True) as connection:
                connection.execute(f"drop database {name} with (force)")

    def _service(self, environment: dict[str, str], name: str) -> tuple[Service, int]:
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "koodtx",
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            "1",
        ]
        health = f"http://127.0.0.1:{port}/health"
        log = self._folder / f"{name}.log"
        service = Service("API", name, command, env=environment, log=log, is_ready=lambda: answers_ok(health))
        return service, port


@contextmanager
def private_servers() -> Iterator[Servers]:
    """Starts servers in a temporary folder. KOODTX_POSTGRES_KIND selects the PostgreSQL installation."""
    with tempfile.TemporaryDirectory(prefix="koodtx-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        # PostgreSQL does not run as root; started by root, it runs as a user who needs access to the folder.
        folder.chmod(0o755)
        binaries = find_postgres(os.environ.get("KOODTX_POSTGRES_KIND"), print)
        postgres = stack.enter_context(PrivatePostgres(binaries, folder / "postgres", settings=_DURABLE))
        redis = stack.enter_context(PrivateRedis(find_redis(print), folder / "redis"))
        yield Servers(postgres, redis, folder)
