"""`/`, `/health`, `/metrics`."""

import asyncio
import os
from typing import Literal

import psycopg
from litestar import MediaType, Response, Router, get
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from psycopg_pool import PoolTimeout
from redis.asyncio import Redis
from redis.exceptions import RedisError

from koodtx import __version__
from koodtx.app_state import AppState
from koodtx.database.edition import TimescaleJobs, fetch_edition, fetch_schema_version, fetch_timescaledb_jobs
from koodtx.web.metrics import state_metrics
from koodtx.web.openapi.declare import written_reply

_PUBLIC = {"policy": "public"}


class Welcome(Struct):
    """The name and version of the service, and its documentation."""

    name: str
    version: str
    docs: str


class Health(Struct):
    """Whether the service can serve requests.

    `redis`: while it is `away`, each process counts rate limits alone. `failed_database_jobs`: background jobs of
    TimescaleDB whose last run failed; requests are served, but rollups or clean-up are behind.
    """

    status: Literal["ok", "unavailable"]
    version: str
    database: str
    edition: str | None
    schema_version: str | None
    redis: Literal["ok", "away", "not configured"]
    failed_database_jobs: list[str]


@get("/", operation_id="getWelcome", summary="Name and version", opt=_PUBLIC, tags=["Service"])
async def welcome() -> Welcome:
    return Welcome("KooDTX", __version__, "/docs/")


@get(
    "/health",
    operation_id="getHealth",
    summary="Whether the service can serve requests: 200 or 503",
    responses={503: written_reply(Health, description="The service is unavailable.")},
    opt=_PUBLIC,
    tags=["Service"],
)
async def health(state: AppState) -> Response[Health]:
    redis = await _redis_state(state.redis)
    try:
        async with state.pool.connection(timeout=3) as connection:
            edition = await fetch_edition(connection)
            schema_version = await fetch_schema_version(connection)
            failed = (await fetch_timescaledb_jobs(connection)).failed
    except (psycopg.Error, PoolTimeout) as error:
        away = Health("unavailable", __version__, type(error).__name__, None, None, redis, [])
        return Response(away, status_code=503)
    return Response(Health("ok", __version__, edition.server, edition.name, schema_version, redis, failed))


@get(
    "/metrics",
    operation_id="getMetrics",
    summary="Metrics for Prometheus",
    opt=_PUBLIC,
    tags=["Service"],
    media_type=MediaType.TEXT,
)
async def metrics(state: AppState) -> Response[bytes]:
    counted = await asyncio.to_thread(_collect)
    return Response(counted + state_metrics(await _timescaledb_jobs(state)), media_type=CONTENT_TYPE_LATEST)


async def _timescaledb_jobs(state: AppState) -> TimescaleJobs | None:
    """None while the database is away or not migrated."""
    try:
        async with state.pool.connection(timeout=3) as connection:
            return await fetch_timescaledb_jobs(connection)
    except (psycopg.Error, PoolTimeout):
        return None


def _collect() -> bytes:
    """Adds up the metrics of all worker processes if `koodtx serve` has set up a shared folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


async def _redis_state(redis: Redis | None) -> Literal["ok", "away", "not configured"]:
    if redis is None:
        return "not configured"
    try:
        await redis.ping()
    except (RedisError, OSError):
        return "away"
    return "ok"


routes = Router("/", route_handlers=[welcome, health, metrics])
