"""The reference phone at the limits of a server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from client import Phone, Refused
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.settings import Settings
from tests.support.readings import START, START_MS
from tests.support.settings import PASSWORD, make_settings

pytestmark = [pytest.mark.sync, pytest.mark.integration]


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    return make_settings(
        database_url, redis_url=redis_url, max_push_readings=10, max_user_readings=45, max_push_sensors=4
    )


@pytest.fixture
def requests() -> list[httpx.Request]:
    """The pushes that were sent."""
    return []


@pytest.fixture
def phone(client: TestClient[Litestar], requests: list[httpx.Request], tmp_path: Path) -> Iterator[Phone]:
    def note(request: httpx.Request) -> None:
        if request.url.path == "/api/sync/push":
            requests.append(request)

    http = httpx.Client(
        transport=client._transport, base_url=str(client.base_url), event_hooks={"request": [note], "response": []}
    )
    phone = Phone(http, tmp_path / "phone.db", "phone", batch_size=100)
    phone.register("mina", "mina@example.org", PASSWORD)
    phone.begin_session("walk", START)
    yield phone
    phone.close()


def record(phone: Phone, count: int, first: int = 0) -> None:
    phone.record_many("walk", [("a", START_MS + first + at, {"x": 1.0}) for at in range(count)])


def test_batches_shrink_to_what_the_server_takes(phone: Phone) -> None:
    record(phone, 40)
    sizes: list[Any] = []
    phone.push(on_reply=lambda reply: sizes.append(reply["total_records"]))
    assert (sum(sizes), max(sizes)) == (40, 10)


def test_a_full_account_is_not_asked_again(phone: Phone, requests: list[httpx.Request]) -> None:
    record(phone, 40)
    phone.push()
    requests.clear()
    phone._size = 10
    record(phone, 10, 40)
    with pytest.raises(Refused) as refused:
        phone.push()
    assert (refused.value.status, refused.value.problem, len(requests)) == (429, "quota-exceeded", 1)
    assert len(phone.readings("walk")) == 50


@pytest.mark.parametrize("count", [5, 7, 8])
def test_readings_of_too_many_sensors_are_held_and_sent_again(phone: Phone, count: int) -> None:
    phone._size = 10
    phone.record_many("walk", [(f"sensor {at}", START_MS, {"x": 1.0}) for at in range(count)])
    assert phone.push()["inserted"] == 4
    assert [item["code"] for item in phone.held()] == ["too_many_types"] * (count - 4)
    assert phone.rejected == []
    # Their times are right, so a wrong clock does not move them.
    assert phone.retime("walk", 1_000) == 0

    phone.retry_held_s = 0.0
    assert phone.push()["inserted"] == count - 4
    assert {(sensor, at) for sensor, at, *_ in phone.readings("walk")} == {
        (f"sensor {number}", START_MS) for number in range(count)
    }
    assert phone.held() == []
