"""README, "Your own PostgreSQL and Redis": an owner who is no superuser, Redis with a password and TLS."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from koodtx.embedded.choose import PostgresBinaries, find_postgres, find_redis
from koodtx.embedded.postgres import PrivatePostgres
from koodtx.processes.addresses import free_port
from tests.docs.pages import ROOT, blocks, read
from tests.support.aliases import Serve

pytestmark = pytest.mark.integration

_PASSWORD = "a password"
_DATABASE = "elsewhere"


@pytest.fixture(scope="module")
def binaries() -> PostgresBinaries:
    return find_postgres(None, print)


@pytest.fixture
def postgres(binaries: PostgresBinaries) -> Iterator[PrivatePostgres]:
    """A server without any role of ours but the superuser."""
    with tempfile.TemporaryDirectory(prefix="koodtx-tests-") as folder:
        Path(folder).chmod(0o755)
        with PrivatePostgres(binaries, Path(folder) / "postgres", settings={"fsync": "off"}) as postgres:
            yield postgres


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    """A Redis that speaks TLS only, with a certificate for localhost that `tmp_path/cert.pem` vouches for."""
    redis = find_redis(print)
    if redis.kind == "wheel" or not shutil.which("openssl"):
        pytest.skip("no Redis with TLS, or no openssl, is on this machine")
    request = [
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
    ]
    files = ["-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(["openssl", "req", *request, *files], cwd=tmp_path, check=True, capture_output=True)
    port = free_port()
    options = ["--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", "password"]
    tls = ["--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem", "--tls-ca-cert-file", "cert.pem"]
    log = (tmp_path / "redis.log").open("wb")
    process = subprocess.Popen([redis.path, *options, *tls, "--tls-auth-clients", "no"], cwd=tmp_path, stdout=log)
    yield port
    process.terminate()
    process.wait(10)
    log.close()


def test_an_owner_who_is_no_superuser_migrates_and_the_service_runs(
    binaries: PostgresBinaries,
    postgres: PrivatePostgres,
    redis_port: int,
    serve: Serve,
    clean_environ: dict[str, str],
    tmp_path: Path,
) -> None:
    statements = _as_superuser()
    if not binaries.has_timescaledb:
        statements = re.sub(r"create extension.*\n", "", statements)
    _psql(binaries, postgres, statements)

    env = clean_environ | _settings(postgres, redis_port) | {"SSL_CERT_FILE": str(tmp_path / "cert.pem")}
    _koodtx(["migrate"], env)
    with urllib.request.urlopen(f"{serve(env)}/health") as reply:
        health = json.load(reply)

    assert health["status"] == "ok"
    assert health["redis"] == "ok"
    assert (health["edition"] == "plain") is not binaries.has_timescaledb


def test_where_it_may_not_it_says_what_a_superuser_has_to_run(
    binaries: PostgresBinaries, postgres: PrivatePostgres, clean_environ: dict[str, str]
) -> None:
    only_owner = (
        f"create role koodtx_owner login password '{_PASSWORD}'; create database {_DATABASE} owner koodtx_owner;"
    )
    _psql(binaries, postgres, only_owner)
    env = clean_environ | _settings(postgres, 0)

    refused = _koodtx(["migrate"], env, code=2)

    statements = re.findall(r"^ +(create .*;)$", refused, re.MULTILINE)
    assert {"create role koodtx_app nologin;", "create role koodtx_analyst nologin;"} <= set(statements)
    with psycopg.connect(postgres.conninfo(_DATABASE), autocommit=True) as connection:
        found = connection.execute("select count(*) from pg_namespace where nspname in ('app', 'analytics')").fetchone()
        assert found == (0,)
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]
    assert "applied sql/" in _koodtx(["migrate"], env)


def _block(language: str) -> str:
    section = read("README.md").partition("## Your own")[2].partition("\n## ")[0]
    return next(text for name, text in blocks(section) if name == language)


def _as_superuser() -> str:
    """The README's SQL; the server has a database koodtx of its own, so another name is taken."""
    return re.sub(r"(database |connect )koodtx\b", rf"\1{_DATABASE}", _block("sql")).replace("...", _PASSWORD)


def _settings(postgres: PrivatePostgres, redis_port: int) -> dict[str, str]:
    """The exports of the README, as a shell understands them."""
    exports = _block("sh").partition("koodtx migrate")[0]
    exports = exports.replace(":...@", ":a%20password@").replace("redis.example.org:6379", f"localhost:{redis_port}")
    exports = exports.replace("db.example.org/koodtx", f"127.0.0.1:{postgres.port}/{_DATABASE}")
    script = f"{exports}\nenv -0"
    shown = subprocess.run(["bash", "-eu"], input=script, capture_output=True, text=True, check=True).stdout
    pairs = (line.partition("=") for line in shown.split("\0"))
    return {name: value for name, _, value in pairs if name.startswith("KOODTX_") and "TEST" not in name}


def _psql(binaries: PostgresBinaries, postgres: PrivatePostgres, text: str) -> None:
    command = [binaries.bin_dir / "psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", postgres.conninfo()]
    subprocess.run(command, input=text, text=True, check=True, capture_output=True, timeout=60)


def _koodtx(arguments: list[str], env: dict[str, str], code: int = 0) -> str:
    command = [sys.executable, "-m", "koodtx", *arguments]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr
