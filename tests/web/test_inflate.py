"""gzip bodies, unpacked in bounded steps."""

import gzip
import os
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.errors import Malformed, TooLarge, TooMany
from koodtx.web.body import inflate

pytestmark = [pytest.mark.unit]

MEGABYTE = 1_000_000


@given(raw=st.binary(max_size=3000))
def test_inflate_gives_what_was_packed(raw: bytes) -> None:
    assert inflate(gzip.compress(raw), MEGABYTE) == raw


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 300_000])
def test_inflate_gives_what_was_packed_around_its_step(size: int) -> None:
    raw = os.urandom(size)
    assert inflate(gzip.compress(raw), MEGABYTE) == raw


def test_inflate_takes_exactly_the_limit() -> None:
    raw = os.urandom(100_000)
    assert inflate(gzip.compress(raw), 100_000) == raw


def test_inflate_refuses_a_byte_more_than_the_limit() -> None:
    with pytest.raises(TooLarge):
        inflate(gzip.compress(os.urandom(100_001)), 100_000)


def test_inflate_takes_any_ratio_within_the_limit() -> None:
    assert inflate(gzip.compress(bytes(20 * MEGABYTE)), 20 * MEGABYTE) == bytes(20 * MEGABYTE)


def test_inflate_reserves_each_step_before_the_next() -> None:
    """A body of few bytes that unpacks to many stops where no more may be held."""
    reserved: list[int] = []

    def reserve(size: int) -> None:
        reserved.append(size)
        if sum(reserved) > MEGABYTE:
            raise TooMany

    with pytest.raises(TooMany):
        inflate(gzip.compress(bytes(20 * MEGABYTE)), 20 * MEGABYTE, reserve)
    assert MEGABYTE < sum(reserved) < 1.1 * MEGABYTE
    reserved.clear()
    inflate(gzip.compress(bytes(MEGABYTE)), MEGABYTE, reserve)
    assert sum(reserved) == MEGABYTE


def test_inflate_of_a_bomb_holds_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(200 * MEGABYTE))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        inflate(bomb, 20 * MEGABYTE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 25 * MEGABYTE


@given(raw=st.binary(min_size=1, max_size=300), cut=st.integers(1, 30))
def test_inflate_refuses_what_is_cut_off(raw: bytes, cut: int) -> None:
    packed = gzip.compress(raw)
    with pytest.raises(Malformed):
        inflate(packed[:-cut], MEGABYTE)


@given(raw=st.binary(max_size=300), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_inflate_never_gives_damaged_bytes(raw: bytes, place: int, bit: int) -> None:
    packed = bytearray(gzip.compress(raw))
    packed[place % len(packed)] ^= 1 << bit
    try:
        found = inflate(bytes(packed), MEGABYTE)
    except (Malformed, TooLarge):
        return
    assert found == raw


@pytest.mark.parametrize(
    "packed",
    [b"", b"\x1f\x8b", b"hello", zlib.compress(b"hello"), gzip.compress(b"a") + b"b", gzip.compress(b"a") * 2],
    ids=["empty", "magic only", "text", "zlib", "something after", "two members"],
)
def test_inflate_refuses_what_is_no_single_gzip(packed: bytes) -> None:
    with pytest.raises(Malformed):
        inflate(packed, MEGABYTE)
