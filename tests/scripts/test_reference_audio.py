"""Reference audio: uploaded by an administrator, played by users, in a folder and in S3."""

import itertools
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from koodtx.settings import Settings
from tests.support.aliases import Call, Client, Db
from tests.support.s3_server import make_bucket, s3_server
from tests.support.settings import make_settings
from tests.support.speech import RECORDINGS, recording

pytestmark = [pytest.mark.api, pytest.mark.integration]

_buckets = itertools.count()
NINE, SEVEN = recording(9).read_bytes(), recording(7).read_bytes()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with s3_server() as url:
        yield url


@pytest.fixture(params=["folder", "s3"])
def settings(request: pytest.FixtureRequest, database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    if request.param == "folder":
        store = {"storage_url": (tmp_path / "objects").as_uri()}
    else:
        url, bucket = request.getfixturevalue("s3"), f"speech-{next(_buckets)}"
        make_bucket(url, bucket)
        store = {
            "storage_url": f"s3://{bucket}/koodtx", "s3_endpoint": url, "s3_access_key_id": "key",
            "s3_secret_access_key": "secret",
        }  # fmt: skip
    return make_settings(database_url, redis_url=redis_url, **store)


@pytest.fixture
def token_id(script: Call) -> int:
    token_id: int = script("구")["tokens"][0]["token_id"]
    return token_id


@pytest.fixture
def upload(write: Call, token_id: int) -> Call:
    """upload(bytes, status=..., name=...): as the reference audio of the line."""

    def call(content: bytes, *, name: str = "nine.wav", field: str = "audio_file", status: int = 200) -> Any:
        return write("PUT", f"/tokens/{token_id}/audio", files={field: (name, content)}, status=status)

    return call


def test_audio_is_stored_and_played(
    client: Client, auth_headers: dict[str, str], ask: Call, upload: Call, token_id: int
) -> None:
    path = f"/api/tokens/{token_id}/audio"
    ask("GET", path, status=404)
    token = upload(NINE)
    with wave.open(str(recording(9))) as file:
        duration_s = file.getnframes() / file.getframerate()
    assert (token["has_audio"], token["audio_duration_s"]) == (True, pytest.approx(duration_s))
    assert ask("GET", f"/api/tokens/{token_id}") == token

    whole = client.get(path, headers=auth_headers)
    assert (whole.status_code, whole.content) == (200, NINE)
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["content-disposition"].startswith(f'attachment; filename="line-{token_id}.wav"')
    assert (whole.headers["accept-ranges"], whole.headers["content-length"]) == ("bytes", str(len(NINE)))
    etag = whole.headers["etag"]

    for asked, start, end in [("100-199", 100, 200), ("9000-", 9000, len(NINE)), ("-44", len(NINE) - 44, len(NINE))]:
        part = client.get(path, headers=auth_headers | {"Range": f"bytes={asked}", "If-Range": etag})
        assert (part.status_code, part.content) == (206, NINE[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(NINE)}"
    assert client.get(path, headers=auth_headers | {"If-None-Match": etag}).status_code == 304
    beyond = client.get(path, headers=auth_headers | {"Range": f"bytes={len(NINE)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(NINE)}")
    head = client.head(path, headers=auth_headers)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
    assert client.get(path).status_code == 401


def test_audio_that_is_replaced_is_left_to_the_clean_up(
    client: Client, auth_headers: dict[str, str], upload: Call, write: Call, token_id: int, db: Db
) -> None:
    upload(NINE)
    etag = client.get(f"/api/tokens/{token_id}/audio", headers=auth_headers).headers["etag"]
    upload(SEVEN)
    stale = auth_headers | {"Range": "bytes=100-199", "If-Range": etag}
    again = client.get(f"/api/tokens/{token_id}/audio", headers=stale)
    assert (again.status_code, again.content) == (200, SEVEN)
    assert _removed_by_clean_up(db) == [f"reference/{etag.strip(chr(34))}"]
    script_id = client.get(f"/api/tokens/{token_id}", headers=auth_headers).json()["script_id"]
    # An edited line keeps its audio; that of one that is deleted goes.
    (edited,) = write("PUT", f"/scripts/{script_id}/tokens", json={"tokens": [{"text": "아홉"}]})["tokens"]
    assert (edited["token_id"], edited["has_audio"]) == (token_id, True)
    assert len(_removed_by_clean_up(db)) == 1
    write("DELETE", f"/scripts/{script_id}", status=204)
    assert len(_removed_by_clean_up(db)) == 2


def _removed_by_clean_up(db: Db) -> list[str]:
    """Keys of the files that it finds two days from now."""
    db.execute("update app.stored_objects set created_at = created_at - interval '2 days'")
    found = db.execute("select key from app.expired_objects(app.now() - interval '30 days')").fetchall()
    db.execute("update app.stored_objects set created_at = created_at + interval '2 days'")
    return [key for (key,) in found]


@pytest.mark.parametrize(
    ("content", "status", "problem"),
    [(b"", 422, "audio-damaged"), (NINE[:-100], 422, "audio-damaged"), (NINE[:20], 422, "audio-damaged"),
     (b"MZ\x90\x00" + b"\0" * 5000, 415, "audio-unsupported"), (b"<html>", 415, "audio-unsupported"),
     ((RECORDINGS / "SOURCE.txt").read_bytes(), 415, "audio-unsupported"), (b"RIFF" * 100, 415, "audio-unsupported")],
    ids=["empty", "cut off", "only a header", "program", "page", "text", "half a magic number"],
)  # fmt: skip
def test_what_is_no_audio_is_refused_whatever_its_name(
    ask: Call, upload: Call, token_id: int, db: Db, content: bytes, status: int, problem: str
) -> None:
    assert upload(content, status=status)["type"] == f"urn:koodtx:problem:{problem}"
    assert ask("GET", f"/api/tokens/{token_id}")["has_audio"] is False
    assert db.execute("select count(*) from app.stored_objects").fetchone() == (0,)


@pytest.mark.parametrize("name", ["../../../etc/passwd", "a\\..\\b.wav", "/etc/cron.d/x", "나.txt", "a" * 300])
def test_name_of_the_file_is_not_used(
    client: Client, auth_headers: dict[str, str], upload: Call, token_id: int, db: Db, name: str
) -> None:
    upload(NINE, name=name)
    reply = client.get(f"/api/tokens/{token_id}/audio", headers=auth_headers)
    assert (reply.content, reply.headers["content-type"]) == (NINE, "audio/wav")
    assert f'filename="line-{token_id}.wav"' in reply.headers["content-disposition"]


def test_body_that_is_no_form_is_refused(write: Call, upload: Call, token_id: int) -> None:
    assert [one["field"] for one in upload(NINE, field="file", status=422)["errors"]] == ["audio_file"]
    write("PUT", f"/tokens/{token_id}/audio", json={"audio_file": "a"}, status=415)
    write("PUT", f"/tokens/{token_id}/audio", status=415)
    write("PUT", "/tokens/999/audio", files={"audio_file": ("nine.wav", NINE)}, status=404)


def test_file_of_more_than_50_mb_is_too_large(upload: Call, db: Db) -> None:
    assert upload(b"\0" * 50_000_001, status=413)["type"] == "urn:koodtx:problem:too-large"
    assert db.execute("select count(*) from app.stored_objects").fetchone() == (0,)
