"""A client that hangs up before its answer is not a fault of the server."""

import asyncio
from typing import Any

import pytest
from litestar.types import Receive, Scope, Send
from prometheus_client import REGISTRY

from koodtx.web.logs import RequestLog

pytestmark = [pytest.mark.unit]

PATH = "/a-hang-up"


async def answers_500_after_the_body(scope: Scope, receive: Receive, send: Send) -> None:
    scope["path_template"] = PATH
    await receive()
    await send({"type": "http.response.start", "status": 500, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def counted(status: int) -> float:
    labels = {"method": "POST", "path": PATH, "status": str(status)}
    return REGISTRY.get_sample_value("koodtx_request_seconds_count", labels) or 0


@pytest.mark.parametrize(("message", "status"), [("http.disconnect", 499), ("http.request", 500)])
def test_only_a_request_whose_client_stayed_counts_as_500(message: str, status: int) -> None:
    async def receive() -> Any:
        return {"type": message, "body": b"", "more_body": False}

    async def send(_: Any) -> None: ...

    scope: Any = {"type": "http", "method": "POST", "path": PATH, "headers": [], "state": {}}
    before = counted(499), counted(500)
    asyncio.run(RequestLog(answers_500_after_the_body)(scope, receive, send))
    assert (counted(499) - before[0], counted(500) - before[1]) == ((1, 0) if status == 499 else (0, 1))
