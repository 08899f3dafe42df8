"""Uploads that are refused: nothing is stored, and the answer says what is wrong."""

from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.settings import Settings
from tests.support.aliases import Client, Db
from tests.support.takes import TAKE, upload
from tests.takes.forms import form, is_problem, nothing_stored, part, send

pytestmark = [pytest.mark.api]

BAD_AUDIO = {
    "empty": (b"", 422, "audio-damaged"),
    "cut off": (TAKE[: len(TAKE) // 2], 422, "audio-damaged"),
    "only a head": (TAKE[:44], 422, "audio-damaged"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(1000), 415, "audio-unsupported"),
    "a page": (b"<html><script>alert(1)</script></html>", 415, "audio-unsupported"),
    "a program": (b"\x7fELF" + bytes(1000), 415, "audio-unsupported"),
    "an archive": (b"PK\x03\x04" + bytes(1000), 415, "audio-unsupported"),
    "a video": (b"\x00\x00\x00\x18ftypisom" + bytes(1000), None, None),
    "a script that begins like WAV": (b"RIFF\x10\0\0\0AVI LIST" + bytes(100), None, None),
}


@pytest.mark.parametrize("what", BAD_AUDIO)
def test_file_that_is_not_whole_audio_is_refused(
    client: Client, auth_headers: dict[str, str], line_id: int, db: Db, settings: Settings, what: str
) -> None:
    body, status, problem = BAD_AUDIO[what]

    reply = upload(client, auth_headers, line_id, body, "take.wav")

    assert reply.status_code in ((status,) if status else (415, 422)), reply.text
    assert problem is None or is_problem(reply, int(status or 0), problem)
    assert nothing_stored(db, settings)


BAD_FORMS: dict[str, tuple[bytes, int, str, str | None]] = {
    "no file": (form(), 422, "invalid", "audio_file"),
    "another field": (form(part(TAKE, 'form-data; name="file"; filename="a.wav"')), 422, "invalid", "audio_file"),
    "two files": (form(part(TAKE), part(TAKE)), 422, "invalid", "audio_file"),
    "cut off": (form(part(TAKE), end=b""), 400, "malformed", None),
    "cut off in the file": (form(part(TAKE))[:2000], 400, "malformed", None),
    "nothing": (b"", 400, "malformed", None),
    "no form": (TAKE, 400, "malformed", None),
    "another boundary": (form(part(TAKE)).replace(b"Abc", b"Xyz"), 400, "malformed", None),
    "no disposition": (form(b"Content-Type: audio/wav\r\n\r\n" + TAKE), 400, "malformed", None),
    "a header without end": (form(b"A" * 40_000), 400, "malformed", None),
    "many fields": (form(*[part(b"", 'form-data; name="a"')] * 100, part(TAKE)), 400, "malformed", None),
    "a wrong length": (form(b"Content-Length: 5\r\n" + part(TAKE)), 400, "malformed", None),
    "bytes that are not text": (form(b'Content-Disposition: form-data; name="\xff"\r\n\r\n1'), 400, "malformed", None),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_FORMS)
def test_form_that_is_wrong_is_refused(
    client: Client, auth_headers: dict[str, str], line_id: int, db: Db, settings: Settings, what: str
) -> None:
    body, status, problem, field = BAD_FORMS[what]
    reply = send(client, auth_headers, line_id, body)
    assert is_problem(reply, status, problem, field), reply.text
    assert nothing_stored(db, settings)


@pytest.mark.parametrize(
    ("content_type", "status", "problem"),
    [
        ("application/json", 415, "unsupported-media"),
        ("audio/wav", 415, "unsupported-media"),
        ("", 415, "unsupported-media"),
        ("multipart/form-data", 400, "malformed"),
        ("multipart/form-data; boundary=", 400, "malformed"),
        ("multipart/mixed; boundary=a", 415, "unsupported-media"),
        (f"multipart/form-data; boundary={'b' * 3000}", 400, "malformed"),
    ],
)
def test_content_type_that_is_wrong_is_refused(
    client: Client, auth_headers: dict[str, str], line_id: int, content_type: str, status: int, problem: str
) -> None:
    assert is_problem(send(client, auth_headers, line_id, form(part(TAKE)), content_type), status, problem)


def test_form_that_is_compressed_is_refused(client: Client, auth_headers: dict[str, str], line_id: int) -> None:
    reply = send(client, auth_headers, line_id, form(part(TAKE)), **{"Content-Encoding": "gzip"})
    assert is_problem(reply, 415, "unsupported-media")


@given(body=st.binary(max_size=3000), place=st.integers(0, 4000), is_replaced=st.booleans())
def test_any_bytes_in_a_form_are_answered_decently(
    spoiled: Callable[[bytes], httpx.Response], body: bytes, place: int, is_replaced: bool
) -> None:
    whole = form(part(TAKE[:2000]))
    reply = spoiled(whole[:place] + body + whole[place + len(body) * is_replaced :])
    assert reply.status_code in (400, 415, 422), reply.text


@pytest.fixture
def spoiled(client: Client, auth_headers: dict[str, str], line_id: int) -> Callable[[bytes], httpx.Response]:
    return lambda body: send(client, auth_headers, line_id, body)
