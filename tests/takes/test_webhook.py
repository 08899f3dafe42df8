"""The webhook of the analysis server: who signed it, what it says, and how often it comes."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from standardwebhooks import Webhook

from koodtx.app import make_state
from koodtx.settings import Settings
from koodtx.takes import examples
from koodtx.takes.messages import MAX_FEEDBACK_LEVELS
from koodtx.webhooks.signature import read_secret, signed_headers
from tests.hostile.corpus import raw_values
from tests.support.aliases import Client, Db, Document
from tests.support.databases import value
from tests.support.settings import ANALYSIS_SECRET
from tests.support.takes import upload
from tests.takes.forms import is_problem

pytestmark = [pytest.mark.api]

PATH = "/api/tokens/webhook/analysis-complete"
SCORES = {"pronunciation_score": 84.5, "intonation_score": 71, "emotion_score": 66.5}
OTHER_SECRET = "whsec_b3RoZXIgc2VjcmV0IG9mIHRoZSB0ZXN0cyE="

Report = Callable[..., httpx.Response]


def nested(levels: int) -> Any:
    """Objects and lists in each other."""
    value: Any = {}
    for level in range(levels - 1):
        value = [value] if level % 2 else {"a": value}
    return value


def post(client: Client, body: bytes, secret: str = ANALYSIS_SECRET, **headers: Any) -> httpx.Response:
    signed = signed_headers(read_secret(secret), "a.1", body) | {"Content-Type": "application/json"} | headers
    return client.post(PATH, content=body, headers={name: text for name, text in signed.items() if text is not None})


@pytest.fixture
def job_id(client: Client, auth_headers: dict[str, str], line_id: int) -> str:
    """Of a take that is being analysed."""
    found: str = upload(client, auth_headers, line_id).json()["job_id"]
    return found


@pytest.fixture
def report(client: Client, job_id: str) -> Report:
    return lambda **members: post(client, json.dumps({"job_id": job_id} | members).encode())


@pytest.fixture
def result(client: Client, auth_headers: dict[str, str], job_id: str) -> Callable[[], Document]:
    def read() -> Document:
        document: Document = client.get(f"/api/tokens/analysis-result/{job_id}", headers=auth_headers).json()
        return document

    return read


def was(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["status"]


def test_scores_are_stored_once(report: Report, result: Callable[[], Document], db: Db, job_id: str) -> None:
    feedback = {"말": ["잘했어요", 1e20, 1.5e-7, 10**30, None, True], "deep": {"a": [[[]]]}}

    first = report(status="completed", result=SCORES | {"detailed_feedback": feedback})
    again = report(status="completed", result=dict.fromkeys(SCORES, 1))
    late = [report(status="failed", error="no"), report(status="processing", progress=5)]

    assert [was(reply) for reply in (first, again, *late)] == [(200, "accepted"), *[(200, "ignored")] * 3]
    found = result()
    assert found | SCORES | {"status": "completed", "overall_score": 74.0, "detailed_feedback": feedback} == found
    job = db.execute("select status, progress, result, error from app.jobs where id = %s", [job_id]).fetchone()
    assert job == ("completed", 100, SCORES | {"overall_score": 74.0, "token_id": found["token_id"]}, None)


@pytest.mark.parametrize(("given", "stored"), [({"overall_score": 0}, 0), ({"overall_score": None}, 74), ({}, 74)])
def test_overall_score_is_the_mean_if_there_is_none(
    report: Report, result: Callable[[], Document], given: Document, stored: float
) -> None:
    assert was(report(status="completed", result=SCORES | given)) == (200, "accepted")
    assert result()["overall_score"] == stored


@pytest.mark.parametrize("feedback", ["Well done. 잘했어요 🎬", {}, "", None, {"a": nested(MAX_FEEDBACK_LEVELS - 1)}])
def test_feedback_is_given_as_it_was_sent(report: Report, result: Callable[[], Document], feedback: Any) -> None:
    report(status="completed", result=SCORES | {"detailed_feedback": feedback})
    assert result()["detailed_feedback"] == feedback


@pytest.mark.parametrize("error", ["it is silent", None, ""])
def test_take_fails(report: Report, result: Callable[[], Document], db: Db, job_id: str, error: str | None) -> None:
    assert was(report(status="failed", error=error)) == (200, "accepted")
    expected = error or "the analysis server could not analyse the take"
    assert (result()["status"], result()["error"]) == ("failed", expected)
    assert db.execute("select status, error from app.jobs where id = %s", [job_id]).fetchone() == ("failed", expected)
    assert was(report(status="completed", result=SCORES)) == (200, "ignored")


def test_progress_never_falls_and_leaves_room_for_the_result(report: Report, db: Db, job_id: str) -> None:
    seen = []
    for progress in (10, 60.7, 30, None, 100):
        assert was(report(status="processing", progress=progress)) == (200, "accepted")
        seen.append(value(db, "select progress from app.jobs where id = %s", job_id))
    assert seen == [10, 60, 60, 60, 99]


def test_take_that_its_user_gave_up(
    client: Client, auth_headers: dict[str, str], report: Report, result: Callable[[], Document], job_id: str
) -> None:
    assert client.delete(f"/api/v1/jobs/{job_id}", headers=auth_headers).status_code == 204
    assert (result()["status"], result()["error"]) == ("failed", "cancelled")
    assert was(report(status="processing", progress=50)) == (200, "ignored")
    assert was(report(status="completed", result=SCORES)) == (200, "ignored")

    # The job is deleted, and the take stays.
    assert client.delete(f"/api/v1/jobs/{job_id}", headers=auth_headers).status_code == 204
    assert result()["status"] == "failed"
    assert was(report(status="completed", result=SCORES)) == (200, "ignored")


def test_retried_job_of_a_take_that_has_ended_is_not_completed(
    client: Client, auth_headers: dict[str, str], report: Report, db: Db, job_id: str
) -> None:
    report(status="failed", error="no")
    assert client.post(f"/api/v1/jobs/{job_id}/retry", headers=auth_headers).status_code == 200

    assert was(report(status="completed", result=SCORES)) == (200, "ignored")

    assert value(db, "select status from app.jobs where id = %s", job_id) == "queued"


def test_job_that_is_not_known(client: Client, db: Db, job_id: str) -> None:
    body = json.dumps({"job_id": str(uuid4()), "status": "failed"}).encode()
    assert is_problem(post(client, body), 404, "not-found")


BODY = {"job_id": "00000000-0000-4000-8000-000000000000", "status": "completed", "result": SCORES}
WRONG = {
    "a job_id that is not an id": ({"job_id": "7"}, "job_id"),
    "no job_id": ({"job_id": None}, "job_id"),
    "an unknown status": ({"status": "queued"}, "status"),
    "no result": ({"result": None}, "result"),
    "a score above 100": ({"result": SCORES | {"emotion_score": 100.1}}, "result.emotion_score"),
    "a score below 0": ({"result": SCORES | {"emotion_score": -1}}, "result.emotion_score"),
    "a score as text": ({"result": SCORES | {"emotion_score": "71"}}, "result.emotion_score"),
    "a score less": ({"result": {"pronunciation_score": 1}}, "result.intonation_score"),
    "feedback that is a list": ({"result": SCORES | {"detailed_feedback": []}}, "result.detailed_feedback"),
    "feedback with NUL": ({"result": SCORES | {"detailed_feedback": {"a": ["\0"]}}}, "result.detailed_feedback"),
    "feedback with too many levels": (
        {"result": SCORES | {"detailed_feedback": {"a": nested(MAX_FEEDBACK_LEVELS)}}},
        "result.detailed_feedback",
    ),
    "feedback with very many levels": (
        {"result": SCORES | {"detailed_feedback": {"a": nested(500)}}},
        "result.detailed_feedback",
    ),
    "an error with NUL": ({"status": "failed", "error": "\0"}, "error"),
    "a long error": ({"status": "failed", "error": "x" * 2001}, "error"),
    "a progress above 100": ({"status": "processing", "progress": 101}, "progress"),
}


@pytest.mark.parametrize("what", WRONG)
def test_report_that_is_wrong_is_refused(client: Client, db: Db, job_id: str, what: str) -> None:
    change, field = WRONG[what]
    reply = post(client, json.dumps(BODY | {"job_id": job_id} | change).encode())
    assert is_problem(reply, 422, "invalid", field), reply.text
    assert value(db, "select status from app.takes") == "processing"


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [(b"", 400, "malformed"), (b"{", 400, "malformed"), (b'{"error": "\xff"}', 400, "malformed"),
     (b"[" * 50_000, 422, "invalid"), (b'{"a":' * 50_000, 400, "malformed"), (b"[]", 422, "invalid"),
     (b" " * 300_000, 413, "too-large")],
    ids=["nothing", "cut off", "no text", "many brackets", "deep", "a list", "too large"],
)  # fmt: skip
def test_body_that_is_not_a_report_is_refused(client: Client, body: bytes, status: int, problem: str) -> None:
    reply = post(client, body)
    assert reply.status_code == status, reply.text
    assert reply.json()["type"] == f"urn:koodtx:problem:{problem}"


@pytest.mark.parametrize("member", ["job_id", "status", "error", "progress", "result"])
def test_any_value_is_answered_decently(client: Client, job_id: str, member: str) -> None:
    for name, raw in (raw_values("a text") | raw_values(1.5) | raw_values({})).items():
        whole = json.dumps({"job_id": job_id, "status": "processing", member: "@@"}).encode().replace(b'"@@"', raw)
        reply = post(client, whole)
        assert reply.status_code < 500, f"{name}: {reply.text}"


@pytest.mark.parametrize("member", ["pronunciation_score", "overall_score", "detailed_feedback"])
def test_any_value_in_a_result_is_answered_decently(
    client: Client, auth_headers: dict[str, str], line_id: int, db: Db, member: str
) -> None:
    job_id = upload(client, auth_headers, line_id).json()["job_id"]
    for name, raw in (raw_values("a text") | raw_values(1.5) | raw_values({"a": "a text"})).items():
        report = {"job_id": job_id, "status": "completed", "result": SCORES | {member: "@@"}}
        reply = post(client, json.dumps(report).encode().replace(b'"@@"', raw))
        assert reply.status_code < 500, f"{name}: {reply.text}"
        read = client.get(f"/api/tokens/analysis-result/{job_id}", headers=auth_headers)
        assert read.status_code == 200, f"{name}: {read.text}"
        db.execute("update app.takes set status = 'processing', finished_at = null, overall_score = null, error = null")
        db.execute("update app.jobs set status = 'queued', finished_at = null")


def test_signature_of_the_reference_implementation(client: Client, job_id: str) -> None:

    body = json.dumps({"job_id": job_id, "status": "completed", "result": SCORES})
    now = datetime.now(UTC)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(ANALYSIS_SECRET).sign("msg_1", now, body),
    }
    assert was(client.post(PATH, content=body, headers=headers)) == (200, "accepted")


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": None}, {"webhook-id": None}, {"webhook-timestamp": None}, {"webhook-id": "a.2"},
        {"webhook-signature": "v1,"}, {"webhook-signature": "v2,AAAA"}, {"webhook-timestamp": "soon"},
        {"webhook-timestamp": str(int(time.time()) - 400)}, {"webhook-timestamp": str(int(time.time()) + 400)},
        {"webhook-signature": "v1,\xe9"},
    ],
)  # fmt: skip
def test_message_that_is_not_signed_is_refused(client: Client, db: Db, job_id: str, change: Document) -> None:
    body = json.dumps({"job_id": job_id, "status": "completed", "result": SCORES}).encode()
    headers = {name: text.encode("latin-1") if text else text for name, text in change.items()}
    assert is_problem(post(client, body, **headers), 401, "signature-invalid")
    assert value(db, "select status from app.takes") == "processing"


def test_nothing_is_learned_of_jobs_without_a_signature(client: Client, job_id: str) -> None:
    """Known, unknown and malformed look the same."""
    replies = [post(client, body, OTHER_SECRET) for body in (b'{"job_id": "' + job_id.encode() + b'"}', b"{}", b"{")]
    assert {reply.status_code for reply in replies} == {401}
    assert len({reply.json()["detail"] for reply in replies}) == 1


def test_body_that_is_not_plain_json_is_refused(client: Client, job_id: str) -> None:
    assert is_problem(post(client, b"{}", **{"Content-Type": "text/plain"}), 415, "unsupported-media")
    assert is_problem(post(client, b"{}", **{"Content-Encoding": "gzip"}), 415, "unsupported-media")


def test_secret_can_be_changed_without_a_break(client: Client, settings: Settings, job_id: str) -> None:
    both = msgspec.structs.replace(settings, analysis_server_secret=f"{OTHER_SECRET},{ANALYSIS_SECRET}")
    client.app.state["settings"] = make_state(both)["settings"]
    body = json.dumps({"job_id": job_id, "status": "processing", "progress": 1}).encode()
    assert [was(post(client, body, secret)) for secret in (OTHER_SECRET, ANALYSIS_SECRET)] == [(200, "accepted")] * 2


def test_bodies_of_strangers_have_the_share_of_one_user(client: Client, job_id: str) -> None:
    in_flight = client.app.state["in_flight"]
    in_flight.reserve(0, in_flight.user_limit)
    try:
        assert is_problem(post(client, b"{}"), 429, "too-many-requests")
    finally:
        in_flight.release(0, in_flight.user_limit)
    assert post(client, b"{}").status_code == 422


def test_example_of_the_document_is_accepted(report: Report, job_id: str) -> None:
    given = {name: member for name, member in examples.REPORT.items() if name != "job_id"}
    reply = report(**given)
    assert (reply.status_code, reply.json()) == (200, examples.ACCEPTED)
