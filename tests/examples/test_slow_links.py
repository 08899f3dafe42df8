"""The reference phone on a slow link: it halves its batches, and what it gave up may still arrive."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
from client import Phone, Refused

from tests.examples.slow_link import SlowLink
from tests.support.readings import START, START_MS
from tests.support.settings import PASSWORD

HttpTo = Callable[..., httpx.Client]
Connect = Callable[[str], None]

pytestmark = [pytest.mark.sync, pytest.mark.integration]


@pytest.fixture
def phone(service_url: str, http_to: HttpTo) -> Iterator[Phone]:
    """Has an account, and timeouts of its own, whatever those of its HTTP client are."""
    phone = Phone(http_to(service_url, timeout=0.001), ":memory:", "phone", timeout_s=1.5)
    phone.connection.first_wait_s = 0.001
    phone.register("mina", "mina@example.org", PASSWORD)
    yield phone
    phone.close()


def record(phone: Phone, count: int) -> list[Any]:
    """Readings that no compression makes smaller."""
    numbers = random.Random(1)
    readings = [("a", START_MS + at, {axis: numbers.random() for axis in "xyz"}) for at in range(count)]
    phone.begin_session("walk", START)
    phone.record_many("walk", readings)
    return readings


@pytest.fixture
def connect(phone: Phone, http_to: HttpTo) -> Callable[[str], None]:
    """Has the phone use another way to the service."""

    def connect(url: str) -> None:
        phone.connection.http = http_to(url, timeout=0.001)

    return connect


@pytest.mark.long
def test_a_batch_that_takes_too_long_is_halved(phone: Phone, service_url: str, connect: Connect, database: Any) -> None:
    readings = record(phone, 2000)
    # 2,000 readings take about 3 seconds, twice the timeout.
    link = SlowLink(service_url, 20_000)
    connect(link.url)
    replies: list[Any] = []
    counts = phone.push(on_reply=replies.append)
    assert replies[0]["total_records"] < 2000
    # What was changed meanwhile is not overwritten by a batch that was given up and arrives only now.
    phone.record("walk", "a", START_MS, {"x": 9.0})
    phone.push()
    link.wait_until_all_arrived()
    link.close()
    assert counts["errors"] == 0
    connect(service_url)
    phone.pull()
    assert phone.readings("walk") == [("a", START_MS, {"x": 9.0}), *readings[1:]]
    with psycopg.connect(database.url) as connection:
        assert connection.execute("select count(*) from app.replaced_pushes").fetchone() != (0,)


@pytest.mark.long
def test_a_body_that_the_server_gives_up_is_halved(phone: Phone, service_url: str, connect: Connect) -> None:
    """Below 1,024 bytes per second the server answers 408 after 10 seconds: the same again would never arrive."""
    phone.connection.timeout = httpx.Timeout(30)
    readings = record(phone, 500)
    link = SlowLink(service_url, 1000)
    connect(link.url)
    began = time.monotonic()
    assert phone.push()["inserted"] == 500
    assert time.monotonic() - began < 60
    link.close()
    connect(service_url)
    phone.pull()
    assert phone.readings("walk") == readings


def test_one_reading_that_takes_too_long_is_sent_again_as_it_is(
    phone: Phone, service_url: str, connect: Connect
) -> None:
    record(phone, 1)
    phone.connection.attempts = 2
    phone.connection.timeout = httpx.Timeout(0.3)
    link = SlowLink(service_url, 200)
    connect(link.url)
    with pytest.raises(httpx.ReadTimeout):
        phone.push()
    link.wait_until_all_arrived()
    link.close()
    connect(service_url)
    phone.connection.timeout = httpx.Timeout(30)
    # It did arrive, or does so now: under the same id, so it counts once.
    assert phone.push()["inserted"] == 1


def test_small_batches_grow_again(phone: Phone) -> None:
    record(phone, 100)
    phone._size = 10
    sizes: list[int] = []
    phone.push(on_reply=lambda reply: sizes.append(reply["total_records"]))
    assert sizes == [10, 20, 40, 30]


def test_the_default_time_out_is_longer_than_the_servers(http_to: HttpTo) -> None:
    phone = Phone(http_to("http://127.0.0.1:9"), ":memory:", "phone")
    assert phone.connection.timeout.read is not None
    assert phone.connection.timeout.read > 60
    phone.close()


def test_nobody_there_is_no_reason_to_halve(phone: Phone, connect: Connect) -> None:
    record(phone, 10)
    phone.connection.attempts = 2
    connect("http://127.0.0.1:9")
    with pytest.raises(httpx.ConnectError):
        phone.push()
    assert phone._size == phone.batch_size


def test_an_error_of_the_app_is_no_reason_to_halve(phone: Phone) -> None:
    record(phone, 10)
    phone.change_session("walk", sample_rate=-1)
    with pytest.raises(Refused):
        phone.push()
    assert phone._size == phone.batch_size
