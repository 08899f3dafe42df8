"""Row "live": the time from a worker's message to all listeners."""

import asyncio
import json
import resource
import time
from typing import Any

import msgspec
import psycopg
from msgspec.json import decode
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect

from bench.client import Client
from bench.figures import Figure
from bench.measure import percentile
from bench.servers import Api, Servers
from bench.sizes import Sizes
from koodtx.jobs import notify, store
from koodtx.jobs.messages import Job

# Open files of a process in addition to its sockets.
_OTHER_FILES = 200
# Later messages count as lost; the table shows the number of received ones.
_LATEST_S = 3
# Jobs that no worker takes; the benchmark itself publishes their states.
_JOBS = "insert into app.jobs (task, user_id, arguments) select 'bench', %s, '{}' from generate_series(1, %s)"


def live(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Measures delays while every job publishes one message per second and several sockets watch each job."""
    _allow_files(sizes.sockets + _OTHER_FILES)
    with servers.api() as api, Client(api.port) as phone:
        with psycopg.connect(api.owner_url, autocommit=True) as connection:
            connection.execute(_JOBS, [phone.user_id, sizes.socket_jobs])
        delays = asyncio.run(_measure(api, phone, sizes))
    return [
        Figure(
            row="live",
            value=percentile(delays, 0.99) * 1000,
            goal=100,
            is_at_least=False,
            unit="ms",
            measured=f"p99 from publish to receive, p50 {percentile(delays, 0.5) * 1000:.0f} ms; "
            f"{len(delays):,} of {sizes.sockets * sizes.socket_s:,} messages",
            against=f"{sizes.sockets:,} sockets that watch {sizes.socket_jobs} jobs with one message per second",
        )
    ]


def _allow_files(count: int) -> None:
    """Raises the limit of open files for this process and the API that it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(count, hard)))


async def _measure(api: Api, phone: Client, sizes: Sizes) -> list[float]:
    async with await psycopg.AsyncConnection.connect(api.owner_url) as connection:
        jobs = await store.list_jobs(connection, limit=sizes.socket_jobs)
    delays: list[float] = []
    sockets = [await _open(api, phone, jobs[n % len(jobs)]) for n in range(sizes.sockets)]
    listeners = [asyncio.create_task(_listen(socket, delays)) for socket in sockets]
    # The API holds back a message that follows another within half a second, such as the first ones.
    await asyncio.sleep(1)
    async with Redis.from_url(api.environment["KOODTX_REDIS_URL"]) as redis:
        for second in range(sizes.socket_s):
            await _publish(redis, jobs, second)
    await asyncio.sleep(_LATEST_S)
    for task in listeners:
        task.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)
    await asyncio.gather(*(socket.close() for socket in sockets))
    return delays


async def _open(api: Api, phone: Client, job: Job) -> ClientConnection:
    ticket = decode(phone.send("POST", "/api/v1/tickets"))["ticket"]
    url = f"ws://127.0.0.1:{api.port}/ws/analysis/{job.id}?token={ticket}"
    return await connect(url, compression=None, ping_interval=None)


async def _listen(socket: ClientConnection, delays: list[float]) -> None:
    async for text in socket:
        received_at = time.monotonic()
        message: dict[str, Any] = json.loads(text)
        if message["type"] == "ping":
            await socket.send('{"type":"pong"}')
        elif message.get("message"):
            delays.append(received_at - float(message["message"]))


async def _publish(redis: Redis, jobs: list[Job], second: int) -> None:
    """Publishes each job's state once, evenly distributed over one second, as its worker would."""
    begin = time.monotonic()
    for number, job in enumerate(jobs):
        await asyncio.sleep(begin + number / len(jobs) - time.monotonic())
        state = msgspec.structs.replace(job, version=job.version + 1 + second, message=str(time.monotonic()))
        await notify.publish_state(redis, state)
    await asyncio.sleep(begin + 1 - time.monotonic())
