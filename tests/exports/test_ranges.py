"""A download that was cut off resumes where it ended."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koodtx.byte_ranges import Asked, Part, asked_range, part_of
from koodtx.errors import TookTooLong
from koodtx.exports.ranges import until
from tests.exports.conftest import LONG, Download, csv_readings
from tests.support.aliases import Client, CreateSession
from tests.support.readings import reading

pytestmark = [pytest.mark.api, pytest.mark.sync]

FORMATS = ("csv", "json", "zip", "parquet", "gpx")


@given(file_format=st.sampled_from(FORMATS), share=st.floats(0, 1, exclude_max=True))
@settings(max_examples=15)
def test_cut_anywhere_and_resumed_it_is_the_whole(
    walk: None, download: Download, auth_headers: dict[str, str], file_format: str, share: float
) -> None:
    whole = download("walk", file_format)
    cut = int(len(whole.content) * share)

    resumed = download(
        "walk",
        file_format,
        status=206,
        headers=auth_headers | {"Range": f"bytes={cut}-", "If-Range": whole.headers["etag"]},
    )

    assert whole.content[:cut] + resumed.content == whole.content
    size = len(whole.content)
    assert resumed.headers["content-range"] == f"bytes {cut}-{size - 1}/{size}"
    assert int(resumed.headers["content-length"]) == size - cut
    assert resumed.headers["etag"] == whole.headers["etag"]


def test_a_part_is_right_before_the_whole_was_ever_sent(
    walk: None, download: Download, auth_headers: dict[str, str]
) -> None:
    part = download("walk", "csv", status=206, headers=auth_headers | {"Range": "bytes=100-99999999"})

    whole = download("walk", "csv").content
    assert part.content == whole[100:]
    assert part.headers["content-range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"


def test_parts_in_the_middle_and_at_the_end(walk: None, download: Download, auth_headers: dict[str, str]) -> None:
    whole = download("walk", "csv").content

    middle = download("walk", "csv", status=206, headers=auth_headers | {"Range": "bytes=1000-1009"})
    end = download("walk", "csv", status=206, headers=auth_headers | {"Range": "bytes=-10"})

    assert middle.content == whole[1000:1010]
    assert end.content == whole[-10:]


def test_of_a_changed_session_there_is_the_whole(
    walk: None, download: Download, create_session: CreateSession, auth_headers: dict[str, str]
) -> None:
    before = download("walk", "csv")
    create_session([reading(500_000, "barometer", pressure=1000.5)], session_id="walk")

    after = download("walk", "csv", headers=auth_headers | {"Range": "bytes=100-", "If-Range": before.headers["etag"]})

    assert after.headers["etag"] != before.headers["etag"]
    assert len(csv_readings(after.content)) == len(csv_readings(before.content)) + 1


def test_notes_and_labels_are_a_change(
    walk: None, client: Client, download: Download, auth_headers: dict[str, str]
) -> None:
    before = download("walk", "json")
    client.patch("/api/sessions/walk", json={"notes": "another"}, headers=auth_headers)

    after = download("walk", "json")

    assert after.headers["etag"] != before.headers["etag"]
    assert after.json()["sessions"][0]["notes"] == "another"


def test_unchanged_is_answered_without_a_body(walk: None, download: Download, auth_headers: dict[str, str]) -> None:
    etag = download("walk", "csv").headers["etag"]

    reply = download("walk", "csv", status=304, headers=auth_headers | {"If-None-Match": f'"other", W/{etag}'})

    assert (reply.content, reply.headers["etag"]) == (b"", etag)


def test_a_range_after_the_end_is_refused_with_the_length(
    walk: None, download: Download, auth_headers: dict[str, str]
) -> None:
    size = len(download("walk", "csv").content)

    reply = download("walk", "csv", status=416, headers=auth_headers | {"Range": f"bytes={size}-"})

    assert reply.headers["content-range"] == f"bytes */{size}"
    assert reply.json()["type"] == "urn:koodtx:problem:range-not-satisfiable"


@pytest.mark.parametrize(
    "text", ["bytes=0-1,5-6", "bytes=5-1", "bytes=-", "lines=1-2", "bytes", "bytes=a-", "bytes=1-٣"]
)
def test_what_is_no_single_range_is_answered_with_the_whole(
    walk: None, download: Download, auth_headers: dict[str, str], text: str
) -> None:
    reply = download("walk", "gpx", headers=auth_headers | {"Range": text.encode()})

    assert reply.content.endswith(b"</gpx>\n")


def test_head_has_the_headers(walk: None, client: Client, auth_headers: dict[str, str]) -> None:
    reply = client.head("/api/sessions/walk/download?format=zip", headers=auth_headers)

    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["accept-ranges"] == "bytes"
    assert reply.headers["etag"].startswith('"')


def test_json_is_not_compressed_on_the_way(walk: None, client: Client, auth_headers: dict[str, str]) -> None:
    """A part of it is counted in the bytes of the file."""
    reply = client.get("/api/sessions/walk/download?format=json", headers=auth_headers | {"Accept-Encoding": "gzip"})

    assert "content-encoding" not in reply.headers
    assert (
        sum(item["sensor_type"] == "accelerometer" for item in json.loads(reply.content)["sessions"][0]["sensor_data"])
        == LONG
    )


@given(first=st.none() | st.integers(0, 40), last=st.none() | st.integers(0, 40), length=st.integers(0, 30))
def test_parts_are_those_of_a_list(first: int | None, last: int | None, length: int) -> None:
    text = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    asked = asked_range(text)
    if (first, last) == (None, None) or (first is not None and last is not None and last < first):
        assert asked is None
        return
    assert asked == Asked(first, last)
    content = list(range(length))
    if first is None:
        expected = content[-last:] if last else []
    else:
        expected = content[first:] if last is None else content[first : last + 1]

    part = part_of(asked, length)

    assert (content[part.first : part.last + 1] if part else []) == expected
    assert part is None or part == Part(expected[0], expected[-1])


def test_a_download_ends_at_its_deadline() -> None:
    async def pieces() -> AsyncGenerator[bytes]:
        while True:
            yield b"a"

    async def main(seconds: float) -> int:
        count = 0
        async for _ in until(time.monotonic() + seconds, pieces()):
            count += 1
        return count

    with pytest.raises(TookTooLong):
        asyncio.run(main(0.05))
