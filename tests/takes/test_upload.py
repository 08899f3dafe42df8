"""Uploads: the job is there if and only if the recording is; each user has room for so much."""

import io
import wave
from collections.abc import Iterator

import msgspec
import pytest
from litestar.testing import TestClient

from koodtx.settings import Settings
from tests.support.aliases import Client, CreateUser, Db, Document
from tests.support.apps import app_with
from tests.support.databases import value
from tests.support.requests import register
from tests.support.takes import REFERENCE, SPEECH, TAKE, add_line, store_audio, upload
from tests.takes.forms import form, is_problem, nothing_stored, objects_of, part, send

pytestmark = [pytest.mark.api]


def test_take_and_its_job_are_stored(
    client: Client, auth_headers: dict[str, str], line_id: int, db: Db, settings: Settings, user: Document
) -> None:
    reply = upload(client, auth_headers, line_id)

    assert (reply.status_code, reply.json()["status"]) == (202, "processing")
    job_id = reply.json()["job_id"]
    (key,) = objects_of(settings)
    take = db.execute(
        "select t.job_id::text, t.user_id, t.line_id, t.audio_key, round(t.duration_s::numeric, 3)::float,"
        " t.sample_rate_hz, t.status, o.media_type, o.file_name, o.byte_count,"
        " extract(epoch from t.give_up_at - t.created_at)::integer"
        " from app.takes as t join app.stored_objects as o on o.key = t.audio_key"
    ).fetchone()
    with wave.open(io.BytesIO(TAKE)) as file:
        duration_s, rate_hz = round(file.getnframes() / file.getframerate(), 3), file.getframerate()
    assert take == (
        job_id, user["user"]["id"], line_id, key, duration_s, rate_hz, "processing", "audio/wav",
        f"take-of-line-{line_id}.wav", len(TAKE), 900,
    )  # fmt: skip
    job = db.execute("select task, lane, user_id, status from app.jobs where id = %s", [job_id]).fetchone()
    assert job == ("analyse_take", "interactive", user["user"]["id"], "queued")
    result = client.get(f"/api/tokens/analysis-result/{job_id}", headers=auth_headers).json()
    assert (result["status"], result["overall_score"], "error" in result) == ("processing", None, False)


def test_take_is_read_by_its_user_only(
    client: Client, auth_headers: dict[str, str], line_id: int, create_user: CreateUser
) -> None:
    job_id = upload(client, auth_headers, line_id).json()["job_id"]
    path = f"/api/tokens/analysis-result/{job_id}"
    assert client.get(path, headers=create_user()["headers"]).status_code == 404
    assert client.get(path).status_code == 401


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "C:\\boot.ini",
        "a\0b.wav",
        "/etc/shadow",
        "x" * 3000,
        "노래.mp3",
        'a"b.exe',
        "",
        "..",
        "con",
    ],
)
def test_name_that_the_client_gives_is_ignored(
    client: Client, auth_headers: dict[str, str], line_id: int, db: Db, settings: Settings, name: str
) -> None:
    reply = upload(client, auth_headers, line_id, name=name)

    # Without a name, httpx sends a field that is none of a file; it counts all the same.
    assert reply.status_code == 202, reply.text
    assert value(db, "select file_name from app.stored_objects where purpose = 'take'") == f"take-of-line-{line_id}.wav"
    (key,) = objects_of(settings)
    assert key.removeprefix("take/").isalnum()


def test_long_speech_and_other_fields(client: Client, auth_headers: dict[str, str], line_id: int, db: Db) -> None:
    speech = (SPEECH / "lhotse" / "LJ002-0020.wav").read_bytes()
    others = [part(b"7", 'form-data; name="take"'), part(b"x" * 30_000, 'form-data; name="note"; filename="n.txt"')]

    reply = send(client, auth_headers, line_id, form(others[0], part(speech), others[1]))

    assert reply.status_code == 202, reply.text
    assert value(db, "select byte_count from app.stored_objects where purpose = 'take'") == len(speech)


@pytest.fixture
def limited(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Client]:
    """The app with the limits of the test."""
    app = app_with(msgspec.structs.replace(settings, **request.param))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("limited", [{"max_take_bytes": len(TAKE) - 1}], indirect=True)
@pytest.mark.parametrize("is_length_declared", [True, False])
def test_file_that_is_too_large_is_refused(
    limited: Client, db: Db, settings: Settings, is_length_declared: bool
) -> None:
    headers = register(limited)["headers"]
    line_id = add_line(db, "seven", store_audio(settings, REFERENCE, "reference"))
    body = form(part(TAKE)) if is_length_declared else iter([form(part(TAKE))])

    assert is_problem(send(limited, headers, line_id, body), 413, "too-large")
    assert is_problem(send(limited, headers, line_id, form(part(TAKE + bytes(200_000)))), 413, "too-large")
    assert nothing_stored(db, settings)


@pytest.mark.parametrize(
    "limited",
    [{"max_user_takes": 2}, {"max_user_take_bytes": 2 * len(TAKE) + 10}],
    indirect=True,
    ids=["takes", "bytes"],
)
def test_each_user_has_room_for_so_much(limited: Client, db: Db, settings: Settings) -> None:
    line_id = add_line(db, "seven", store_audio(settings, REFERENCE, "reference"))
    full, other = register(limited, "full")["headers"], register(limited, "other")["headers"]
    for _ in range(2):
        assert upload(limited, full, line_id).status_code == 202

    reply = upload(limited, full, line_id)

    assert is_problem(reply, 409, "takes-full"), reply.text
    assert len(objects_of(settings)) == 2
    assert value(db, "select count(*) from app.takes") == 2
    assert upload(limited, other, line_id).status_code == 202


@pytest.mark.parametrize("limited", [{"max_user_jobs": 1}], indirect=True)
def test_jobs_that_wait_are_limited(limited: Client, db: Db, settings: Settings) -> None:
    line_id = add_line(db, "seven", store_audio(settings, REFERENCE, "reference"))
    headers = register(limited)["headers"]
    assert upload(limited, headers, line_id).status_code == 202
    assert is_problem(upload(limited, headers, line_id), 429, "too-many-requests")
    db.execute("update app.jobs set run_at = now() + interval '1 minute'")
    assert is_problem(upload(limited, headers, line_id), 429, "too-many-requests")


@pytest.mark.parametrize("limited", [{"analysis_server_url": ""}], indirect=True)
def test_service_without_an_analysis_server(limited: Client, db: Db, settings: Settings) -> None:
    line_id = add_line(db, "seven", store_audio(settings, REFERENCE, "reference"))
    reply = upload(limited, register(limited)["headers"], line_id)
    assert is_problem(reply, 503, "analysis-server-missing")


def test_line_without_reference_audio_has_no_takes(client: Client, auth_headers: dict[str, str], db: Db) -> None:
    assert is_problem(upload(client, auth_headers, add_line(db)), 409, "no-reference-audio")


@pytest.mark.parametrize("token_id", ["999999999", "0", "-1", str(2**63), "x"])
def test_line_that_is_not_there(client: Client, auth_headers: dict[str, str], token_id: str) -> None:
    reply = client.post(
        f"/api/tokens/{token_id}/upload-audio", files={"audio_file": ("a.wav", TAKE)}, headers=auth_headers
    )
    assert reply.status_code in (404, 422)


def test_login_is_needed(client: Client, line_id: int) -> None:
    assert is_problem(upload(client, {}, line_id), 401, "not-authenticated")


def test_recording_is_removed_if_its_take_cannot_be_written(
    client: Client, auth_headers: dict[str, str], line_id: int, db: Db, settings: Settings
) -> None:
    """The line loses its reference audio while the take is uploaded."""
    begun = form(part(TAKE))

    def body() -> Iterator[bytes]:
        yield begun[:3000]
        db.execute("update app.lines set audio_key = null, audio_duration_s = null, audio_sample_rate_hz = null")
        yield begun[3000:]

    assert is_problem(send(client, auth_headers, line_id, body()), 409, "no-reference-audio")
    assert nothing_stored(db, settings)
