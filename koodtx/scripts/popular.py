"""The scripts that were read most often, from the cache."""

import msgspec
from psycopg_pool import AsyncConnectionPool

from koodtx.analysis.cache import Cache
from koodtx.scripts import store
from koodtx.scripts.messages import PopularScripts

_CACHED_S = 3600
# Without a version: what has changed meanwhile is shown when the hour is over.
_KEY = "popular-scripts"


async def popular_scripts(pool: AsyncConnectionPool, cache: Cache) -> bytes:
    """Returns JSON of PopularScripts, at most an hour old."""

    async def read() -> bytes:
        async with pool.connection() as connection:
            return msgspec.json.encode(PopularScripts(await store.popular_scripts(connection)))

    return await cache.get(_KEY, _CACHED_S, read)
