"""Objects come back equal, whole and in parts; keys of clients reach no file."""

import asyncio
import re
import tracemalloc
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from koodtx.storage.errors import ObjectGone, StorageUnavailable
from koodtx.storage.objects import Objects
from tests.support.files import pieces
from tests.support.settings import make_settings

pytestmark = [pytest.mark.integration]

KEY, OTHER = f"export/{'0' * 32}", f"upload/{'1' * 32}"
MIB = 1024 * 1024


async def put(objects: Objects, key: str, *body: bytes) -> int:
    return await objects.put(key, pieces(*body), media_type="text/plain", disposition='attachment; filename="a.txt"')


async def read(objects: Objects, key: str, start: int, end: int) -> bytes:
    return b"".join([piece async for piece in await objects.read(key, start, end)])


@pytest.mark.parametrize("body", [(), (b"",), (b"a",), (b"ab", b"", b"c"), (bytes(range(256)) * 4096,) * 13])
def test_what_is_put_comes_back_equal(objects: Objects, body: tuple[bytes, ...]) -> None:
    whole = b"".join(body)

    async def main() -> None:
        assert await put(objects, KEY, *body) == len(whole)
        assert await read(objects, KEY, 0, len(whole)) == whole
        head = await objects.head(KEY)
        assert head.byte_count == len(whole)
        assert head.etag

    asyncio.run(main())


def test_each_range_comes_back_equal(objects: Objects) -> None:
    whole = bytes(index * 7 % 251 for index in range(3 * MIB + 5))
    places = [0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB, len(whole) - 1, len(whole)]

    async def main() -> None:
        await put(objects, KEY, whole)
        for start in places:
            for end in places:
                assert await read(objects, KEY, start, end) == whole[start:end]

    asyncio.run(main())


def test_objects_are_listed_until_they_are_deleted(objects: Objects) -> None:
    async def main() -> None:
        assert await objects.list() == []
        for key in (OTHER, KEY):
            await put(objects, key, b"a")
        assert await objects.list() == [KEY, OTHER]
        for _ in range(2):
            await objects.delete(KEY)
        assert await objects.list() == [OTHER]
        for missing in (objects.head(KEY), read(objects, KEY, 0, 1)):
            with pytest.raises(ObjectGone):
                await missing

    asyncio.run(main())


def test_a_body_that_fails_leaves_nothing(objects: Objects) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"a" * 12 * MIB
        raise LookupError("the writer failed")

    async def main() -> None:
        with pytest.raises(LookupError, match="the writer failed"):
            await objects.put(KEY, failing(), media_type="text/plain", disposition="attachment")
        assert await objects.list() == []

    asyncio.run(main())


def test_it_is_read_in_small_pieces(objects: Objects) -> None:
    """One is held for each client that does not read: with pieces of 1 MiB, 150 of them took 585 MB."""

    async def main() -> list[int]:
        await put(objects, KEY, bytes(MIB))
        return [len(piece) async for piece in await objects.read(KEY, 1, MIB)]

    sizes = asyncio.run(main())

    assert sum(sizes) == MIB - 1
    assert max(sizes) <= 128 * 1024


@pytest.mark.long
def test_memory_does_not_grow_with_the_object(objects: Objects) -> None:
    async def zeros() -> AsyncIterator[bytes]:
        for _ in range(128):
            yield bytes(MIB)

    async def main() -> None:
        await objects.put(KEY, zeros(), media_type="text/plain", disposition="attachment")
        total = 0
        async for piece in await objects.read(KEY, 0, 128 * MIB):
            total += len(piece)
        assert total == 128 * MIB

    tracemalloc.start()
    before = _resident()
    asyncio.run(main())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * MIB
    assert _resident() - before < 64 * MIB


def _resident() -> int:
    """Bytes of this process that are in memory, those of the library included."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_a_signed_link_is_one_of_s3(objects: Objects, storage_settings: dict[str, str]) -> None:
    async def main() -> str | None:
        await put(objects, KEY, b"abc")
        return await objects.sign(KEY, timedelta(hours=1))

    url = asyncio.run(main())
    if storage_settings["storage_url"].startswith("file:"):
        assert url is None
        return
    assert url is not None
    reply = httpx.get(url)
    assert (reply.status_code, reply.content) == (200, b"abc")
    assert reply.headers["content-disposition"] == 'attachment; filename="a.txt"'
    assert "X-Amz-Expires=3600" in url


def test_a_store_that_is_away_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    away = Objects(make_settings("", storage_url=(tmp_path / "file" / "objects").as_uri()))
    with pytest.raises(StorageUnavailable):
        asyncio.run(put(away, KEY, b"a"))


TRICKS = st.lists(
    st.sampled_from(["..", ".", "/", "\\", "%2e", "export", "~", "\0", "#1", ":", "0" * 32, "\n", "é", "etc/passwd"]),
    max_size=6,
).map("".join)


@settings(max_examples=200)
@given(key=TRICKS | st.text(max_size=60) | TRICKS.map(lambda trick: f"export/{trick}"))
def test_no_other_text_is_a_key(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    """Nothing is read, written or deleted, neither in the folder nor beside it."""
    assume(not re.fullmatch("[a-z]+/[0-9a-f]{32}", key))
    folder = tmp_path_factory.mktemp("store")
    (folder / "secret").write_text("a secret")
    objects = Objects(make_settings("", storage_url=(folder / "objects").as_uri()))

    async def main() -> None:
        acts = [put(objects, key, b"a"), read(objects, key, 0, 1), read(objects, key, 0, 0)]
        acts += [objects.head(key), objects.delete(key), objects.sign(key, timedelta(1))]
        for refused in await asyncio.gather(*acts, return_exceptions=True):
            assert isinstance(refused, ValueError), repr(refused.__cause__)

    asyncio.run(main())
    asyncio.run(put(objects, KEY, b"a"))
    asyncio.run(objects.delete(KEY))
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["secret"]
