"""`/`, `/health`, `/metrics`."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from litestar.testing import TestClient

from koodtx import __version__
from koodtx.app import create_app
from koodtx.settings import Settings
from tests.support.aliases import Client

pytestmark = [pytest.mark.api]

# Nothing listens there.
AWAY = "127.0.0.1:1"


@pytest.mark.smoke
def test_welcome_links_to_the_documentation(client: Client) -> None:
    reply = client.get("/").json()
    assert reply == {"name": "KooDTX", "version": __version__, "docs": "/docs/"}
    assert client.get(reply["docs"]).status_code == 200


@pytest.mark.smoke
def test_health_names_database_edition_schema_and_redis(client: Client, db: psycopg.Connection[Any]) -> None:
    reply = client.get("/health")
    assert reply.status_code == 200
    found = reply.json()
    (edition,) = db.execute("select app.edition()").fetchone() or ()
    assert (found["status"], found["edition"], found["redis"]) == ("ok", edition, "ok")
    assert (found["schema_version"],) == db.execute("select max(name) from app.migration_checksums").fetchone()
    assert found["version"] == __version__
    assert found["failed_database_jobs"] == []
    assert found["database"].startswith("PostgreSQL ")
    assert ("TimescaleDB" in found["database"]) == (edition != "plain")


def test_health_is_503_while_the_database_is_away(settings: Settings) -> None:
    away = msgspec.structs.replace(settings, database_url=f"postgresql://koodtx_app@{AWAY}/none", pool_timeout_s=1)
    with TestClient(create_app(away), raise_server_exceptions=False) as client:
        reply = client.get("/health")
    assert (reply.status_code, reply.json()["status"]) == (503, "unavailable")
    assert (reply.json()["edition"], reply.json()["redis"]) == (None, "ok")


def test_health_is_503_when_the_database_is_not_migrated(settings: Settings, server: str) -> None:
    away = msgspec.structs.replace(settings, database_url=server)
    with TestClient(create_app(away), raise_server_exceptions=False) as client:
        assert client.get("/health").status_code == 503


def test_health_recovers_with_the_database(client: Client, settings: Settings, server: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(settings.database_url)["dbname"]
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"alter database {name} allow_connections false")  # type: ignore[call-overload]
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        assert client.get("/health").status_code == 503
        admin.execute(f"alter database {name} allow_connections true")  # type: ignore[call-overload]
    assert client.get("/health").status_code == 200


def test_health_is_200_while_redis_is_away(settings: Settings) -> None:
    away = msgspec.structs.replace(settings, redis_url=f"redis://{AWAY}")
    with TestClient(create_app(away), raise_server_exceptions=False) as client:
        reply = client.get("/health")
    assert (reply.status_code, reply.json()["redis"]) == (200, "away")


def test_health_is_200_without_redis(settings: Settings) -> None:
    without = msgspec.structs.replace(settings, redis_url="")
    with TestClient(create_app(without), raise_server_exceptions=False) as client:
        reply = client.get("/health")
    assert (reply.status_code, reply.json()["redis"]) == (200, "not configured")


def test_request_while_the_database_is_away_is_503_with_retry_after(settings: Settings) -> None:
    away = msgspec.structs.replace(settings, database_url=f"postgresql://koodtx_app@{AWAY}/none", pool_timeout_s=1)
    with TestClient(create_app(away), raise_server_exceptions=False) as client:
        reply = client.post("/api/auth/login", json={"username": "mina", "password": "correct horse"})
    assert reply.status_code == 503
    assert reply.json()["type"] == "urn:koodtx:problem:database-unavailable"
    assert int(reply.headers["Retry-After"]) >= 1


def test_metrics_are_never_empty(client: Client) -> None:
    text = client.get("/metrics").text
    assert f'koodtx_info{{version="{__version__}"}} 1.0' in text
    assert "koodtx_database_up 1.0" in text
    assert "koodtx_timescaledb_jobs_failed 0.0" in text


def test_processes_that_share_metrics_say_each_once(tmp_path: Path) -> None:
    """The format allows a metric to be described once only."""
    code = "from koodtx.web import metrics, health; metrics.state_metrics(None);"
    code += "print((health._collect() + metrics.state_metrics(None)).decode())"
    printed = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    described = [line for line in printed.splitlines() if line.startswith("# TYPE")]
    assert "# TYPE koodtx_info gauge" in described
    assert len(described) == len(set(described))


def test_metrics_while_the_database_is_away(settings: Settings) -> None:
    away = msgspec.structs.replace(settings, database_url=f"postgresql://koodtx_app@{AWAY}/none", pool_timeout_s=1)
    with TestClient(create_app(away), raise_server_exceptions=False) as client:
        reply = client.get("/metrics")
    assert reply.status_code == 200
    assert "koodtx_database_up 0.0" in reply.text


def test_metrics_count_requests_and_readings(
    client: Client, create_session: Callable[..., Any], sensor_data_batch: list[dict[str, Any]]
) -> None:
    before = pushed(client)
    create_session(sensor_data_batch)
    assert pushed(client) == before + 100
    reply = client.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    assert 'koodtx_request_seconds_count{method="POST",path="/api/sync/push",status="200"}' in reply.text


def pushed(client: Client) -> float:
    found = re.search(r'^koodtx_pushed_readings_total\{outcome="inserted"\} (\S+)$', client.get("/metrics").text, re.M)
    return float(found[1]) if found else 0.0


def test_metrics_have_one_label_for_all_unknown_paths(client: Client) -> None:
    for number in range(3):
        client.get(f"/nowhere/{number}")
        client.get(f"/api/sessions/hidden-{number}")
    text = client.get("/metrics").text
    assert "nowhere" not in text
    assert "hidden" not in text
