"""A service whose takes go to the analysis server of the tests."""

import json
from typing import Any

import httpx

from koodtx.settings import Settings
from tests.support.aliases import Db, Document
from tests.support.takes import REFERENCE, add_line, store_audio, upload
from tests.support.waiting import wait_until


class Service:
    """API, worker and analysis server that run. A take of a line goes as the text of the line says."""

    def __init__(
        self, client: httpx.Client, db: Db, settings: Settings, headers: dict[str, str], analysis: httpx.Client
    ) -> None:
        self.client = client
        self.db = db
        self.settings = settings
        self.headers = headers
        self._analysis = analysis

    def upload(self, behaviour: str) -> str:
        """Returns the id of the job."""
        # The failures of other tests are not this one's.
        self.db.execute("delete from app.circuit_breakers")
        line_id = add_line(self.db, behaviour, store_audio(self.settings, REFERENCE, "reference"))
        reply = upload(self.client, self.headers, line_id)
        assert reply.status_code == 202, reply.text
        assert reply.json()["status"] == "processing"
        job_id: str = reply.json()["job_id"]
        return job_id

    def shorten(self, job_id: str, seconds: float) -> None:
        """The take is given up so many seconds from now."""
        self.db.execute(
            "update app.takes set give_up_at = clock_timestamp() + make_interval(secs => %s) where job_id = %s",
            [seconds, job_id],
        )
        self.db.execute(
            "update app.jobs set run_at = least(run_at, clock_timestamp() + make_interval(secs => %s)) where id = %s",
            [seconds, job_id],
        )

    def result(self, job_id: str) -> Document:
        reply = self.client.get(f"/api/tokens/analysis-result/{job_id}", headers=self.headers)
        assert reply.status_code == 200, reply.text
        result: Document = reply.json()
        return result

    def ended(self, job_id: str, limit_s: float = 40) -> Document:
        wait_until(lambda: self.result(job_id)["status"] != "processing", limit_s, "the end of the take")
        return self.result(job_id)

    def events(self, job_id: str) -> list[Document]:
        """All that the stream of the job sends until its end."""
        with self.client.stream(
            "GET", f"/api/tokens/analysis-progress/{job_id}", headers=self.headers, timeout=60
        ) as reply:
            assert reply.status_code == 200
            lines = [line.removeprefix("data: ") for line in reply.iter_lines() if line.startswith("data: ")]
        return [json.loads(line) for line in lines]

    def requests(self, job_id: str) -> list[Document]:
        """What the analysis server was sent about a take."""
        noted = self._analysis.get("/requests").json()["requests"]
        return [one for one in noted if job_id in (one["job"] or {}).get("job_id", "") or one["path"].endswith(job_id)]

    def webhooks(self, job_id: str, count: int) -> list[Any]:
        """How so many webhooks of a take were answered."""
        wait_until(lambda: len(self._answers(job_id)) >= count, 30, "the webhooks")
        return self._answers(job_id)

    def _answers(self, job_id: str) -> list[Any]:
        return self._analysis.get("/requests").json()["webhooks"].get(job_id, [])  # type: ignore[no-any-return]
