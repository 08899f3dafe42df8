"""Takes and an analysis server that is a process of its own: however it behaves, a take ends as documented."""

from datetime import datetime
from functools import partial

import pytest
from redis import Redis

from koodtx.jobs.notify import stream_of
from koodtx.webhooks import send
from tests.support.databases import value
from tests.support.takes import REFERENCE, TAKE
from tests.support.waiting import wait_until
from tests.takes.analysis_server import FEEDBACK, SCORES
from tests.takes.service import Service

pytestmark = [pytest.mark.integration, pytest.mark.api, pytest.mark.tasks]

OVERALL = 74.0


def posts(service: Service, job_id: str) -> list[dict[str, object]]:
    return [one for one in service.requests(job_id) if one["method"] == "POST"]


def is_completed(result: dict[str, object]) -> bool:
    return result | SCORES | {"status": "completed", "overall_score": OVERALL} == result


def test_take_is_analysed_and_watched(service: Service) -> None:
    job_id = service.upload("good")

    events = service.events(job_id)

    assert (events[0]["type"], events[-1]["type"]) == ("connected", "completed")
    result = service.result(job_id)
    assert is_completed(result)
    assert result["detailed_feedback"] == FEEDBACK
    assert set(result) == {
        "job_id", "token_id", "status", *SCORES, "overall_score", "detailed_feedback", "created_at",
    }  # fmt: skip
    assert events[-1]["summary"] == SCORES | {"overall_score": OVERALL, "token_id": result["token_id"]}


def test_server_is_sent_what_the_contract_says(service: Service) -> None:
    job_id = service.upload("good")
    service.ended(job_id)

    (request,) = posts(service, job_id)

    job = request["job"]
    assert request["id"] == f"{job_id}.1"
    assert set(job) == {
        "job_id", "text", "language", "reference_audio_url", "take_audio_url", "urls_expire_at", "webhook_url",
    }  # fmt: skip
    assert (job["text"], job["language"]) == ("good", "en")
    # Its server has read both files by their links, which need no token.
    assert request["files"] == {
        "take": {"status": 200, "type": "audio/wav", "bytes": len(TAKE)},
        "reference": {"status": 200, "type": "audio/wav", "bytes": len(REFERENCE)},
    }
    expires_in_s = datetime.fromisoformat(job["urls_expire_at"]).timestamp() - request["at"]
    assert 800 < expires_in_s <= service.settings.analysis_timeout_s
    answered = service.webhooks(job_id, 1)
    assert answered == [{"status": 200, "body": {"status": "accepted"}}]


@pytest.mark.parametrize("behaviour", ["slow", "errors", "busy", "early"])
def test_take_completes_all_the_same(service: Service, behaviour: str) -> None:
    job_id = service.upload(behaviour)

    assert is_completed(service.ended(job_id))

    sent = posts(service, job_id)
    assert [one["id"] for one in sent] == [f"{job_id}.{number + 1}" for number in range(len(sent))]
    assert len(sent) == {"slow": 2, "errors": 3, "busy": 2, "early": 1}[behaviour]
    if behaviour == "busy":
        assert sent[1]["at"] - sent[0]["at"] >= 4  # type: ignore[operator]
    assert value(service.db, "select status || attempt from app.jobs where id = %s", job_id).startswith("completed")


def test_what_comes_after_the_end_is_ignored(service: Service) -> None:
    job_id = service.upload("twice")

    answered = service.webhooks(job_id, 4)

    assert [one["status"] for one in answered] == [200] * 4
    assert [one["body"]["status"] for one in answered] == ["accepted", "ignored", "ignored", "ignored"]
    assert is_completed(service.result(job_id))


@pytest.mark.parametrize("behaviour", ["forged", "replayed", "silent", "garbage", "broken"])
def test_take_without_a_result_fails_when_its_time_is_over(service: Service, behaviour: str) -> None:
    job_id = service.upload(behaviour)
    if behaviour == "broken":
        wait_until(lambda: len(posts(service, job_id)) >= 2, 30, "a second request")
    else:
        accepted = "select submitted_at is not null from app.takes where job_id = %s"
        wait_until(lambda: value(service.db, accepted, job_id), 30, "the server to accept the take")
    if behaviour in ("forged", "replayed"):
        (answer,) = service.webhooks(job_id, 1)
        assert (answer["status"], answer["body"]["type"]) == (401, "urn:koodtx:problem:signature-invalid")
    if behaviour == "garbage":
        wait_until(lambda: len(service.requests(job_id)) >= 4, 30, "polls")
    service.shorten(job_id, 1)

    result = service.ended(job_id)

    did = "accept the take" if behaviour == "broken" else None
    within = f"within {service.settings.analysis_timeout_s} s"
    expected = f"the analysis server did not {did} {within}" if did else f"the analysis server gave no result {within}"
    assert (result["status"], result["error"], result["overall_score"]) == ("failed", expected, None)
    assert service.events(job_id)[-1] == {"type": "error", "job_id": job_id, "error": expected}


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("refused", "the analysis server refused the take: it answered 422"),
        ("redirected", "the analysis server refused the take: it answered 307"),
        ("unhappy", "the recording is silent"),
    ],
)
def test_take_fails_with_the_reason(service: Service, behaviour: str, error: str) -> None:
    job_id = service.upload(behaviour)

    result = service.ended(job_id)

    assert (result["status"], result["error"]) == ("failed", error)
    (request,) = posts(service, job_id)
    assert request["path"] == "/base/analyses"
    assert value(service.db, "select error from app.jobs where id = %s", job_id) == error


def test_take_that_has_ended_is_not_analysed_again(service: Service) -> None:
    job_id = service.upload("refused")
    failed = service.ended(job_id)

    assert service.client.post(f"/api/v1/jobs/{job_id}/retry", headers=service.headers).status_code == 200

    error = "select error from app.jobs where id = %s and status = 'failed'"
    wait_until(lambda: service.db.execute(error, [job_id]).fetchone() == ("The take has ended: upload it again.",), 20)
    assert service.result(job_id) == failed
    assert len(service.requests(job_id)) == 1


def test_progress_is_watched_and_never_falls(service: Service) -> None:
    job_id = service.upload("steps")

    events = service.events(job_id)

    seen = [one["progress"] for one in events if one["type"] == "progress"]
    assert seen == sorted(seen)
    assert {10, 60, 100} <= set(seen)
    assert [one["body"]["status"] for one in service.webhooks(job_id, 4)] == ["accepted"] * 4


def test_server_without_webhooks_is_polled(service: Service) -> None:
    job_id = service.upload("polled")

    result = service.ended(job_id)

    assert result | SCORES | {"status": "completed", "overall_score": 12.5} == result
    assert [one["method"] for one in service.requests(job_id)] == ["POST", "GET", "GET"]


def test_server_that_offers_no_polling_is_polled_once(service: Service) -> None:
    job_id = service.upload("silent")
    wait_until(lambda: len(service.requests(job_id)) == 2, 30, "the poll")

    waits = "select run_at = give_up_at from app.jobs join app.takes on job_id = id where id = %s"
    wait_until(lambda: value(service.db, waits, job_id), 10, "the job to wait for the time limit")


@pytest.mark.parametrize("behaviour", ["polled", "silent"])
def test_worker_is_woken_for_the_message_about_the_end(service: Service, behaviour: str) -> None:
    """However the take ends: by a poll, or by the time limit."""
    woken = partial(wake_ups, service.settings.redis_url)
    before = woken()
    job_id = service.upload(behaviour)
    user = "select user_id from app.takes where job_id = %s"
    service.db.execute(
        "insert into app.webhooks (user_id, url, events, secret) values (%s, %s, %s, %s)",
        [value(service.db, user, job_id), "https://10.0.0.1/", ["take.completed", "take.failed"], b"x" * 32],
    )
    if behaviour == "silent":
        service.shorten(job_id, 1)

    service.ended(job_id)

    service.db.execute("delete from app.webhooks")
    wait_until(lambda: woken() == before + 1, 10, "a wake-up")


def wake_ups(redis_url: str) -> int:
    """How often a worker of webhooks has been woken."""
    with Redis.from_url(redis_url) as redis:
        name = stream_of(send.LANE)
        added: int = redis.xinfo_stream(name)["entries-added"] if redis.exists(name) else 0
        return added


def test_server_that_fails_is_left_alone_by_everybody(service: Service) -> None:
    """Until it answers one request."""
    first = service.upload("broken")
    failures = "select coalesce(max(failures), 0) from app.circuit_breakers"
    wait_until(lambda: value(service.db, failures) >= 5, 60, "five failures")
    service.db.execute("update app.circuit_breakers set open_until = clock_timestamp() + interval '6 seconds'")
    sent = len(posts(service, first))

    line = "select line_id from app.takes where job_id = %s"
    service.db.execute("update app.lines set text = 'good' where id = %s", [value(service.db, line, first)])
    wait_until(lambda: value(service.db, "select open_until < clock_timestamp() + interval '1 second'"
                                         " from app.circuit_breakers"), 20)  # fmt: skip
    assert len(posts(service, first)) == sent
    assert is_completed(service.ended(first))
    assert value(service.db, "select failures = 0 and open_until is null from app.circuit_breakers")
