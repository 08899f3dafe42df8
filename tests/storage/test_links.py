"""Links of our own route: who has one may read, until it expires; whole, in parts, resumed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from koodtx import signing
from koodtx.database.pool import make_pool
from koodtx.settings import Settings
from koodtx.storage.files import remove_file
from koodtx.storage.links import make_link
from koodtx.storage.objects import Objects
from koodtx.storage.store import StoredObject
from tests.support.aliases import Client, Db
from tests.support.files import Store
from tests.support.settings import make_settings

pytestmark = [pytest.mark.api]

BODY = bytes(range(256)) * 10_000
HOUR = timedelta(hours=1)


@pytest.fixture
def stored(store: Store) -> StoredObject:
    return asyncio.run(store(BODY[:1_000_000], BODY[1_000_000:]))


def url_of(settings: Settings, key: str, expires_in: timedelta = HOUR) -> str:
    """As of storage in a folder; with S3 the route serves as well."""
    right = [key, int((datetime.now(UTC) + expires_in).timestamp())]
    token = signing.sign(settings.signing_keys, "link", msgspec.msgpack.encode(right))
    return f"/api/v1/objects/{token}"


@pytest.fixture
def url(settings: Settings, stored: StoredObject) -> str:
    return url_of(settings, stored.key)


def test_link_of_a_folder_is_that_of_the_route(client: Client, store: Store, tmp_path: Any, settings: Settings) -> None:
    if not settings.storage_url.startswith("file:"):
        pytest.skip("S3 has links of its own: test_objects.py")
    stored = asyncio.run(store(b"abc"))
    link = asyncio.run(make_link(Objects(settings), settings.signing_keys, stored.key, HOUR))
    assert HOUR - timedelta(seconds=20) < link.expires_at - datetime.now(UTC) <= HOUR
    assert client.get(link.url).content == b"abc"


def test_the_whole_file(client: Client, url: str, stored: StoredObject) -> None:
    reply = client.get(url)
    assert (reply.status_code, reply.content) == (200, BODY)
    assert dict(reply.headers) | {
        "content-type": "text/csv; charset=utf-8",
        "content-length": str(len(BODY)),
        "content-disposition": "attachment; filename=\"download.csv\"; filename*=UTF-8''%EC%82%B0%EC%B1%85.csv",
        "x-content-type-options": "nosniff",
        "accept-ranges": "bytes",
        "etag": f'"{stored.key.removeprefix("export/")}"',
    } == dict(reply.headers)


def test_head_has_the_same_headers(client: Client, url: str) -> None:
    whole, head = client.get(url), client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    ours = {name: value for name, value in head.headers.items() if name != "x-request-id"}
    assert ours == {name: value for name, value in whole.headers.items() if name != "x-request-id"}


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 1), ("bytes=0-", 0, None), ("bytes=5-9", 5, 10), ("bytes=-7", -7, None),
        ("bytes=1048570-1048580", 1_048_570, 1_048_581), ("bytes=2559999-", -1, None), ("bytes=9-99999999", 9, None),
        ("bytes=-99999999", 0, None), ("BYTES=1-2", 1, 3),
    ],
)  # fmt: skip
def test_a_part(client: Client, url: str, header: str, start: int, end: int | None) -> None:
    reply = client.get(url, headers={"Range": header})
    part = BODY[start:end]
    assert (reply.status_code, reply.content) == (206, part)
    first = BODY.index(part) if len(part) > 300 else start % len(BODY)
    assert reply.headers["content-range"] == f"bytes {first}-{first + len(part) - 1}/{len(BODY)}"
    assert reply.headers["content-length"] == str(len(part))


@pytest.mark.parametrize("header", ["bytes=2560000-", "bytes=99999999999999999-", "bytes=-0"])
def test_a_range_beyond_the_file_is_416(client: Client, url: str, header: str) -> None:
    reply = client.get(url, headers={"Range": header})
    assert (reply.status_code, reply.json()["type"]) == (416, "urn:koodtx:problem:range-not-satisfiable")
    assert reply.headers["content-range"] == f"bytes */{len(BODY)}"


@pytest.mark.parametrize(
    "header", ["", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "lines=0-1", "a=1-2"]
)
def test_what_is_no_single_range_is_answered_whole(client: Client, url: str, header: str) -> None:
    reply = client.get(url, headers={"Range": header})
    assert (reply.status_code, reply.content) == (200, BODY)


def test_a_download_that_was_cut_off_is_resumed(client: Client, url: str) -> None:
    with client.stream("GET", url) as cut:
        etag = cut.headers["etag"]
        received = next(cut.iter_raw(1_000_000))
    rest = client.get(url, headers={"Range": f"bytes={len(received)}-", "If-Range": etag})
    assert rest.status_code == 206
    assert received + rest.content == BODY
    other = client.get(url, headers={"Range": "bytes=5-", "If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, BODY)


def test_what_the_client_has_is_304(client: Client, url: str) -> None:
    etag = client.get(url).headers["etag"]
    for header in (etag, f'"other", W/{etag}'):
        reply = client.get(url, headers={"If-None-Match": header})
        assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", etag)


@pytest.mark.parametrize("body", [(), (b"",)])
def test_an_empty_file(client: Client, store: Store, settings: Settings, body: tuple[bytes, ...]) -> None:
    url = url_of(settings, asyncio.run(store(*body)).key)
    reply = client.get(url)
    assert (reply.status_code, reply.content, reply.headers["content-length"]) == (200, b"", "0")
    assert client.get(url, headers={"Range": "bytes=0-"}).status_code == 416


def test_json_is_not_compressed_on_the_way(client: Client, store: Store, settings: Settings) -> None:
    """Its ranges would be of other bytes."""
    stored = asyncio.run(store(b" " * 100_000, media_type="application/json"))
    reply = client.get(url_of(settings, stored.key), headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in reply.headers
    assert reply.headers["content-length"] == "100000"


def test_an_expired_link_is_410(client: Client, settings: Settings, stored: StoredObject) -> None:
    for expires_in in (timedelta(seconds=-1), timedelta(days=-400)):
        reply = client.get(url_of(settings, stored.key, expires_in))
        assert (reply.status_code, reply.json()["type"]) == (410, "urn:koodtx:problem:link-expired")


def test_a_file_that_is_gone_is_404(client: Client, url: str, settings: Settings, stored: StoredObject, db: Db) -> None:
    async def remove() -> None:
        async with make_pool(settings) as pool:
            for _ in range(2):
                await remove_file(pool, Objects(settings), stored.key)

    assert client.get(url).status_code == 200
    asyncio.run(remove())
    assert client.get(url).status_code == 404


def test_a_file_that_left_the_store_is_404(client: Client, url: str, settings: Settings, stored: StoredObject) -> None:
    asyncio.run(Objects(settings).delete(stored.key))
    for headers in ({}, {"Range": "bytes=5-"}):
        reply = client.get(url, headers=headers)
        assert (reply.status_code, reply.json()["type"]) == (404, "urn:koodtx:problem:not-found")


def test_a_file_that_is_being_written_is_404(client: Client, settings: Settings, stored: StoredObject, db: Db) -> None:
    db.execute("update app.stored_objects set stored_at = null, byte_count = null")
    assert client.get(url_of(settings, stored.key)).status_code == 404


def test_links_survive_a_change_of_the_key(client: Client, settings: Settings, stored: StoredObject) -> None:
    state = client.app.state
    url = url_of(settings, stored.key)
    state.settings = make_settings(settings.migration_database_url, secret_key="n" * 32, old_secret_keys=f"{'o' * 32}")
    assert client.get(url).status_code == 404
    old = msgspec.structs.replace(settings, secret_key="o" * 32)
    assert client.get(url_of(old, stored.key)).status_code == 200
    assert client.get(url_of(state.settings, stored.key)).status_code == 200


def test_signatures_of_other_purposes_are_404(client: Client, settings: Settings, stored: StoredObject) -> None:
    payload = msgspec.msgpack.encode([stored.key, 2**40])
    for purpose in ("cursor", "shares cursor", "ticket", "grant"):
        token = signing.sign(settings.signing_keys, purpose, payload)
        assert client.get(f"/api/v1/objects/{token}").status_code == 404


TRICKS = st.lists(st.sampled_from(["..", "/", "%2e", "%2f", ".", "\\", "export"])).map("".join)


@hypothesis_settings(max_examples=100)
@given(token=st.text(min_size=1, max_size=60) | TRICKS)
def test_any_other_token_is_404(client: Client, token: str) -> None:
    reply = client.get(f"/api/v1/objects/{quote(token, safe='')}")
    assert reply.status_code == 404, reply.text
