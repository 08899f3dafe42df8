"""The pool keeps its connections although its clients are cancelled in any moment."""

import asyncio
import random

import msgspec
import pytest

from koodtx.database.pool import make_pool
from koodtx.settings import Settings

pytestmark = [pytest.mark.integration]

CONNECTIONS = 3
CLIENTS_AT_ONCE = 20
ROUNDS = 30


async def cancelled_until_it_ends(task: "asyncio.Task[None]", after_s: float) -> None:
    """As a stream whose client hangs up: each further await is cancelled as well."""
    await asyncio.sleep(after_s)
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)


def test_cancelled_clients_cost_no_connection(settings: Settings) -> None:
    """The seed is fixed, the moments are the machine's."""
    moments = random.Random(7)

    async def run() -> None:
        limits = {"pool_min": 1, "pool_max": CONNECTIONS, "pool_timeout_s": 20}
        async with make_pool(msgspec.structs.replace(settings, **limits)) as pool:

            async def client() -> None:
                async with pool.connection() as connection:
                    await connection.execute("select pg_sleep(0.002)")

            for _ in range(ROUNDS):
                clients = [asyncio.create_task(client()) for _ in range(CLIENTS_AT_ONCE)]
                hang_ups = [cancelled_until_it_ends(task, moments.uniform(0, 0.02)) for task in clients]
                await asyncio.gather(*hang_ups, *clients, return_exceptions=True)
            taken = await asyncio.gather(*(pool.getconn() for _ in range(CONNECTIONS)))
            await asyncio.gather(*map(pool.putconn, taken))

    asyncio.run(run())
