"""A server on 127.0.0.1 that answers, fails, stalls and misbehaves by the script of a test."""

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple, Self

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Request(NamedTuple):
    """What arrived, and when."""

    head: str
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ScriptedServer:
    """Gives each request the next of `replies`; the last one again and again."""

    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.hang_ups = 0
        self._replies = list(replies)
        self._tls = tls
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hang_ups += 1
        except asyncio.CancelledError:
            # The end of the test. A task that ends as cancelled would be logged.
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lengths = [line.split(":")[1] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
        body = await reader.readexactly(int(lengths[0]))
        self.requests.append(Request(head, body, time.monotonic()))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        await reply(writer)
        await writer.drain()


def raw(*parts: bytes, pause_s: float = 0) -> Reply:
    """Sends the parts, and closes the connection."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return reply


def http(body: bytes, status: int = 200, **headers: str) -> bytes:
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} So\r\n{head}\r\n".encode() + body


def status(code: int, body: bytes = b'{"error": "no"}', **headers: str) -> Reply:
    return raw(http(body, code, **headers))


async def stalls(writer: asyncio.StreamWriter) -> None:
    """Sends nothing."""
    await asyncio.sleep(60)


def then_stalls(begin: bytes) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        await stalls(writer)

    return reply


def without_end(begin: bytes, piece: bytes, pause_s: float = 0) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return reply
