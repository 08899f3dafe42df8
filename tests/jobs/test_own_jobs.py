"""/api/v1/jobs and /api/v1/admin/jobs."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.job_driver import JobDriver

pytestmark = [pytest.mark.tasks, pytest.mark.api]

Client = TestClient[Litestar]
Db = psycopg.Connection[Any]
Headers = dict[str, str]


@pytest.fixture
def ask(client: Client, auth_headers: Headers) -> Callable[..., str]:
    """Enqueues an analysis; its job."""

    def ask(**question: Any) -> str:
        job_id: str = client.post("/api/v1/analysis", json=question, headers=auth_headers).json()["job_id"]
        return job_id

    return ask


def test_job_is_the_same_under_both_names(client: Client, driver: JobDriver, auth_headers: Headers) -> None:
    driver.claim()
    driver.complete({"record_count": 100})

    job = client.get(f"/api/v1/jobs/{driver.job_id}", headers=auth_headers).json()
    analysis = client.get(f"/api/v1/analysis/{driver.job_id}", headers=auth_headers).json()
    result = client.get(f"/api/v1/jobs/{driver.job_id}/result", headers=auth_headers).json()

    assert (job["task"], job["lane"], job["session_id"]) == ("calculate_session_metrics", "interactive", "session-1")
    assert analysis.pop("kind") == "calculate_session_metrics"
    assert {name: job[name] for name in analysis} == analysis
    assert result == {
        "job_id": driver.job_id, "task": "calculate_session_metrics", "status": "completed", "error": None,
        "result": {"record_count": 100},
    }  # fmt: skip


def test_jobs_are_listed_by_page_and_filter(
    client: Client, auth_headers: Headers, recording_session: Any, ask: Callable[..., str], create_user: Any
) -> None:
    statistics = ask(kind="generate_statistics")
    metrics = ask(kind="calculate_session_metrics", session_id="session-1")
    anomalies = ask(kind="detect_anomalies", session_id="session-1")

    def listed(headers: Headers = auth_headers, **query: Any) -> list[str]:
        page = client.get("/api/v1/jobs", params=query, headers=headers).json()
        return [job["job_id"] for job in page["jobs"]]

    assert listed() == [anomalies, metrics, statistics]
    assert listed(task="generate_statistics") == [statistics]
    assert listed(session_id="session-1", status="queued") == [anomalies, metrics]
    assert listed(status="failed") == []
    assert listed(create_user("stranger")["headers"]) == []
    first = client.get("/api/v1/jobs?limit=1", headers=auth_headers).json()
    assert listed(limit=1, before=first["next"]) == [metrics]
    first = client.get("/api/v1/jobs?limit=3", headers=auth_headers).json()
    assert client.get(f"/api/v1/jobs?before={first['next']}", headers=auth_headers).json() == {"jobs": [], "next": None}


def test_own_job_that_failed_is_queued_again(client: Client, driver: JobDriver, auth_headers: Headers, db: Db) -> None:
    url = f"/api/v1/jobs/{driver.job_id}"
    assert client.post(f"{url}/retry", headers=auth_headers).status_code == 404, "it has not ended"
    driver.claim()
    driver.fail("there was nothing to see")

    again = client.post(f"{url}/retry", headers=auth_headers)

    assert (again.status_code, again.json()["status"], again.json()["error"]) == (200, "queued", None)
    assert client.delete(url, headers=auth_headers).status_code == 204
    assert client.get(url, headers=auth_headers).json()["status"] == "cancelled"
    assert client.delete(url, headers=auth_headers).status_code == 204
    assert client.get(url, headers=auth_headers).status_code == 404


class TestByFilter:
    """For administrators."""

    @pytest.fixture
    def admin(self, create_user: Any, db: Db) -> Headers:
        headers: Headers = create_user("boss")["headers"]
        db.execute("update app.users set role = 'admin' where username = 'boss'")
        return headers

    def test_jobs_are_cancelled_and_queued_again(
        self, client: Client, admin: Headers, recording_session: Any, ask: Callable[..., str], db: Db
    ) -> None:
        ask(kind="generate_statistics")
        for sensitivity in (1, 2, 3):
            ask(kind="detect_anomalies", session_id="session-1", sensitivity=sensitivity)

        def change(what: str, **wanted: Any) -> Any:
            return client.post(f"/api/v1/admin/jobs/{what}", json=wanted, headers=admin).json()

        assert change("cancel", task="detect_anomalies", lane="interactive", username="user1") == {"changed": 3}
        assert change("cancel", username="boss") == {"changed": 0}
        assert db.execute("select count(*) from app.jobs where status = 'queued'").fetchone() == (1,)
        assert change("retry", status="failed") == {"changed": 0}
        assert change("retry", status="cancelled") == {"changed": 3}
        assert db.execute("select count(*) from app.jobs where status = 'queued'").fetchone() == (4,)

    @pytest.mark.parametrize("body", [{}, {"kind": "detect_anomalies"}, {"lane": "fast"}, {"status": "lost"}])
    def test_filter_that_says_nothing_changes_nothing(self, client: Client, admin: Headers, body: Any) -> None:
        assert client.post("/api/v1/admin/jobs/cancel", json=body, headers=admin).status_code == 422

    def test_list_is_filtered(self, client: Client, admin: Headers, driver: JobDriver) -> None:
        found = client.get("/api/v1/admin/jobs?task=calculate_session_metrics&lane=interactive", headers=admin).json()
        assert [job["job_id"] for job in found["jobs"]] == [driver.job_id]
        assert client.get("/api/v1/admin/jobs?username=boss", headers=admin).json() == {"jobs": []}
