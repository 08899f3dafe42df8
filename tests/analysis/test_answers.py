"""What a job has to say, from the cache and without one."""

from typing import Any

import msgspec
import pytest

from koodtx.analysis.cache import clear
from koodtx.settings import Settings
from tests.support.aliases import Client, Db, Document
from tests.support.job_driver import JobDriver

pytestmark = [pytest.mark.tasks, pytest.mark.api]


def result_of(client: Client, driver: JobDriver, headers: Document) -> Document:
    reply = client.get(f"/api/v1/analysis/{driver.job_id}/result", headers=headers)
    assert reply.status_code == 200, reply.text
    answer: Document = reply.json()
    return answer


def cache_counts(client: Client, headers: Document) -> tuple[int, int]:
    cache = client.get("/api/v1/analysis/stats", headers=headers).json()["cache"]
    return cache["hits"], cache["misses"]


def test_result_is_null_until_it_is_there(client: Client, driver: JobDriver, auth_headers: Document) -> None:
    before = result_of(client, driver, auth_headers)
    driver.claim()
    driver.complete({"record_count": 100})
    after = result_of(client, driver, auth_headers)

    assert (before["status"], before["result"]) == ("queued", None)
    assert (after["status"], after["result"], after["error"]) == ("completed", {"record_count": 100}, None)


def test_result_is_read_from_the_cache_the_second_time(
    client: Client, driver: JobDriver, auth_headers: Document
) -> None:
    driver.claim()
    driver.complete({"record_count": 100})

    first, again = result_of(client, driver, auth_headers), result_of(client, driver, auth_headers)

    assert first == again
    assert cache_counts(client, auth_headers) == (1, 1)


def test_cache_never_answers_somebody_else(
    client: Client, driver: JobDriver, auth_headers: Document, create_user: Any
) -> None:
    driver.claim()
    driver.complete({"record_count": 100})
    result_of(client, driver, auth_headers)
    stranger = create_user("stranger")["headers"]

    for path in ("", "/result"):
        assert client.get(f"/api/v1/analysis/{driver.job_id}{path}", headers=stranger).status_code == 404
    assert client.get("/api/v1/analysis/history", headers=stranger).json() == {"jobs": [], "next": None}


def test_progress_is_as_new_as_the_job(client: Client, driver: JobDriver, auth_headers: Document) -> None:
    seen = []
    for step in (lambda: None, driver.claim, lambda: driver.report(10, "Starting analysis...")):
        step()
        state = client.get(f"/api/v1/analysis/{driver.job_id}", headers=auth_headers).json()
        seen.append((state["status"], state["progress"], state["message"]))

    assert seen == [("queued", 0, None), ("running", 0, None), ("running", 10, "Starting analysis...")]


def test_history_goes_page_by_page(client: Client, auth_headers: Document, recording_session: Document) -> None:
    wanted = []
    for sensitivity in (1, 2, 3):
        question = {"kind": "detect_anomalies", "session_id": "session-1", "sensitivity": sensitivity}
        wanted.append(client.post("/api/v1/analysis", json=question, headers=auth_headers).json()["job_id"])

    first = client.get("/api/v1/analysis/history?limit=2", headers=auth_headers).json()
    second = client.get(f"/api/v1/analysis/history?limit=2&before={first['next']}", headers=auth_headers).json()

    assert [job["job_id"] for job in first["jobs"] + second["jobs"]] == wanted[::-1]
    assert second["next"] is None


def test_history_after_the_place_of_somebody_elses_job_is_my_own(
    client: Client, driver: JobDriver, create_user: Any, auth_headers: Document
) -> None:
    stranger = create_user("stranger")
    client.post("/api/v1/analysis", json={"kind": "generate_statistics"}, headers=stranger["headers"])
    theirs = client.get("/api/v1/analysis/history?limit=1", headers=stranger["headers"]).json()["next"]

    page = client.get(f"/api/v1/analysis/history?before={theirs}", headers=auth_headers).json()

    assert [job["job_id"] for job in page["jobs"]] == [driver.job_id]


@pytest.mark.parametrize("path", ["/api/v1/analysis/history", "/api/v1/jobs"])
def test_page_goes_on_after_jobs_that_were_deleted(
    client: Client, auth_headers: Document, recording_session: Document, db: Db, path: str
) -> None:
    """The one that the cursor names, and others; also by the deletion of their session."""
    question = {"kind": "detect_anomalies", "session_id": "session-1"}
    wanted = []
    for sensitivity in (1, 2, 3, 4, 5):
        about = question | {"sensitivity": sensitivity}
        wanted.append(client.post("/api/v1/analysis", json=about, headers=auth_headers).json()["job_id"])
    wanted.reverse()
    first = client.get(f"{path}?limit=2", headers=auth_headers).json()
    assert [job["job_id"] for job in first["jobs"]] == wanted[:2]
    db.execute("delete from app.jobs where id = any(%s)", [wanted[1:3]])

    second = client.get(f"{path}?limit=2&before={first['next']}", headers=auth_headers).json()
    assert [job["job_id"] for job in second["jobs"]] == wanted[3:]
    client.delete("/api/sessions/session-1", headers=auth_headers)
    assert client.get(f"{path}?before={second['next']}", headers=auth_headers).json() == {"jobs": [], "next": None}


@pytest.mark.parametrize("path", ["/api/v1/analysis/history", "/api/v1/jobs", "/api/sessions"])
@pytest.mark.parametrize(
    "cursor",
    ["", "0", "a", "é", "=", "AAAA", "3f0d8b6e-5d6c-4f0e-9a57-2b8f5a1c7e42", "MQ", "MSB4", "2aEg2aE", "a" * 101,
     "OTk5OTk5OTk5OTk5OTk5OTk5IDE"],
)  # fmt: skip
def test_cursor_that_no_page_gave_is_refused(client: Client, auth_headers: Document, path: str, cursor: str) -> None:
    reply = client.get(path, params={"before": cursor}, headers=auth_headers)
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == ["before"]


def test_history_is_never_that_of_before(client: Client, auth_headers: Document, recording_session: Document) -> None:
    """Another job of the same kind in the same state takes the place of one that was deleted."""
    question = {"kind": "detect_anomalies", "session_id": "session-1"}
    seen = []
    for _ in range(3):
        job_id = client.post("/api/v1/analysis", json=question, headers=auth_headers).json()["job_id"]
        page = client.get("/api/v1/analysis/history", headers=auth_headers).json()
        seen.append([job["job_id"] for job in page["jobs"]] == [job_id])
        for _ in ("cancel", "delete"):
            client.delete(f"/api/v1/analysis/{job_id}", headers=auth_headers)
        assert client.get("/api/v1/analysis/history", headers=auth_headers).json()["jobs"] == []
    assert seen == [True] * 3


def test_cache_has_nothing_of_before_a_restore(
    client: Client, driver: JobDriver, auth_headers: Document, db: Db
) -> None:
    """A restore takes the job back; it comes to the same version a second time, with another result."""
    driver.claim()
    driver.complete({"record_count": 100})
    assert result_of(client, driver, auth_headers)["result"] == {"record_count": 100}

    db.execute("select app.renew_sync_epoch(true)")
    db.execute("""update app.jobs set result = '{"record_count": 99}'""")

    assert result_of(client, driver, auth_headers)["result"] == {"record_count": 99}


def test_history_shows_a_change_at_once(client: Client, driver: JobDriver, auth_headers: Document) -> None:
    before = client.get("/api/v1/analysis/history", headers=auth_headers).json()
    driver.claim()
    after = client.get("/api/v1/analysis/history", headers=auth_headers).json()

    assert [job["status"] for job in before["jobs"] + after["jobs"]] == ["queued", "running"]


def test_delete_cancels_then_forgets(client: Client, driver: JobDriver, auth_headers: Document) -> None:
    url = f"/api/v1/analysis/{driver.job_id}"

    assert client.delete(url, headers=auth_headers).status_code == 204
    assert client.get(url, headers=auth_headers).json()["status"] == "cancelled"
    assert client.delete(url, headers=auth_headers).status_code == 204
    assert client.get(url, headers=auth_headers).status_code == 404
    assert client.delete(url, headers=auth_headers).status_code == 404


def test_delete_of_somebody_elses_job_is_not_found(client: Client, driver: JobDriver, create_user: Any) -> None:
    stranger = create_user("stranger")["headers"]

    assert client.delete(f"/api/v1/analysis/{driver.job_id}", headers=stranger).status_code == 404


def test_clear_drops_bodies_only(client: Client, driver: JobDriver, auth_headers: Document, redis_url: str) -> None:
    result_of(client, driver, auth_headers)

    assert clear(redis_url) == 1
    assert result_of(client, driver, auth_headers)["status"] == "queued"


class TestWithoutRedis:
    """Everything works from the database; nothing is published, so nothing is cached."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, redis_url="redis://127.0.0.1:1/0")

    def test_answers_come_from_the_database(self, client: Client, driver: JobDriver, auth_headers: Document) -> None:
        driver.is_silent = True
        driver.claim()
        driver.complete({"record_count": 100})

        assert result_of(client, driver, auth_headers)["result"] == {"record_count": 100}
        assert cache_counts(client, auth_headers) == (0, 0)
        assert client.get("/api/v1/analysis/history", headers=auth_headers).json()["jobs"]
