"""Pushes whose readings are spread over years: daily values of a health app, imports."""

import time
from typing import Any

import pytest

from tests.support.aliases import Client, Document
from tests.support.readings import START_MS
from tests.support.requests import push, push_body

pytestmark = [pytest.mark.api, pytest.mark.sync]

DAY_MS = 86_400_000


def daily(days: int, offset_ms: int = 0, sensor: str = "steps") -> list[Document]:
    return [
        {"sensor_type": sensor, "timestamp": START_MS - day * DAY_MS + offset_ms, "data": {"steps": day}}
        for day in range(days)
    ]


@pytest.mark.parametrize("_", [0])
def test_measure(client: Client, auth_headers: dict[str, str], _: Any) -> None:
    for days in (365, 1825, 5000, 365, 1825, 5000):
        for what, off in (("fresh", 0), ("other", 1), ("same", 1), ("value", 1)):
            items = daily(days, off)
            if what == "value":
                for item in items: item["data"]["steps"] += 1
            t = time.monotonic()
            r = push(client, auth_headers, push_body(items, f"s{days}{_}"))
            print(days, what, round(time.monotonic() - t, 2), r["inserted"], r["updated"], r["duplicates"], flush=True)
        _ += 1
