"""`/`, `/health`, `/metrics`."""

import asyncio
import os
from typing import Literal

import psycopg
from litestar import MediaType, Response, Router, get
from litestar.datastructures import State
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from psycopg_pool import PoolTimeout
from redis.asyncio import Redis
from redis.exceptions import RedisError

from koodtx import __version__
from koodtx.database.query import fetch_one

_PUBLIC = {"policy": "public"}


class Welcome(Struct):
    """Where to go from here."""

    name: str
    version: str
    docs: str


class Health(Struct):
    """Whether the service can serve. `redis`: away means that rate limits are counted in each process alone."""

    status: Literal["ok", "unavailable"]
    version: str
    database: str
    edition: str | None
    schema_version: str | None
    redis: Literal["ok", "away", "not configured"]


class _Database(Struct):
    edition: str
    name: str
    schema_version: str | None


_DATABASE = """
select
    app.edition() as edition,
    concat(
        'PostgreSQL ', split_part(current_setting('server_version'), ' ', 1), ' + TimescaleDB ' || e.extversion
    ) as name,
    (select max(name) from app.migration_checksums) as schema_version
from (select) as one left join pg_catalog.pg_extension as e on e.extname = 'timescaledb'
"""


@get("/", summary="What this is", opt=_PUBLIC, tags=["Service"])
async def welcome() -> Welcome:
    return Welcome("KooDTX", __version__, "/docs/")


@get("/health", summary="Whether the service can serve: 200, or 503 when it cannot", opt=_PUBLIC, tags=["Service"])
async def health(state: State) -> Response[Health]:
    redis = await _redis_state(state.redis)
    try:
        async with state.pool.connection(timeout=3) as connection:
            database = await fetch_one(connection, _Database, _DATABASE)
    except (psycopg.Error, PoolTimeout) as error:
        away = Health("unavailable", __version__, type(error).__name__, None, None, redis)
        return Response(away, status_code=503)
    assert database is not None
    return Response(Health("ok", __version__, database.name, database.edition, database.schema_version, redis))


@get("/metrics", summary="Measurements for Prometheus", opt=_PUBLIC, tags=["Service"], media_type=MediaType.TEXT)
async def metrics() -> Response[bytes]:
    return Response(await asyncio.to_thread(_collect), media_type=CONTENT_TYPE_LATEST)


def _collect() -> bytes:
    """Of all worker processes, where `koodtx serve` has set up a folder that they share."""
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
