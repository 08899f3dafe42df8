"""People who share: what one of them asks of the API."""

from typing import Any
from uuid import uuid4

import httpx

from tests.support.aliases import Document, User
from tests.support.readings import START_MS
from tests.support.requests import push


class Person:
    """A user, who speaks HTTP."""

    def __init__(self, client: httpx.Client, account: User) -> None:
        self._client = client
        self.account = account
        self.user_id: int = account["user"]["id"]
        self.name: str = account["username"]
        self.token: str = account["access_token"]
        self.headers: dict[str, str] = account["headers"]
        # shared-with-me, accumulated: shares by id; cursor by URL.
        self.shared: dict[str, Document] = {}
        self._cursors: dict[str, str] = {}

    def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        reply = self._client.request(method, path, json=body, headers=self.headers)
        assert reply.status_code == status, reply.text
        return reply.json() if reply.content else None

    def status(self, method: str, path: str, body: Any = None) -> int:
        return self._client.request(method, path, json=body, headers=self.headers).status_code

    def record(self, session_id: str = "walk") -> None:
        """A session of one reading."""
        item = {"sensor_type": "barometer", "timestamp": START_MS, "data": {"pressure": 1013.25}}
        session = {"session_id": session_id, "start_time": START_MS, "notes": f"of {self.name}"}
        push(self._client, self.headers, {"session": session, "sensor_data": [item], "push_id": uuid4().hex})

    def analyse(self, session_id: str = "walk") -> str:
        question = {"kind": "calculate_session_metrics", "session_id": session_id}
        job_id: str = self.ask("POST", "/api/v1/analysis", question, 202)["job_id"]
        return job_id

    def create_team(self, name: str = "Gait study") -> str:
        team_id: str = self.ask("POST", "/api/v1/teams", {"name": name}, 201)["team_id"]
        return team_id

    def invite(self, team_id: str, other: "Person", role: str = "member") -> None:
        self.ask("POST", f"/api/v1/teams/{team_id}/members", {"username": other.name, "role": role}, 204)

    def join(self, team_id: str) -> None:
        self.ask("POST", f"/api/v1/teams/{team_id}/join")

    def leave(self, team_id: str, status: int = 204) -> None:
        self.ask("DELETE", f"/api/v1/teams/{team_id}/members/{self.user_id}", status=status)

    def share_job(self, job_id: str, team_id: str, **rights: Any) -> str:
        share_id: str = self.ask("POST", f"/api/v1/analysis/{job_id}/share", {"team_id": team_id} | rights)["share_id"]
        return share_id

    def share_session(self, session_id: str, team_id: str, **rights: Any) -> str:
        body = {"team_id": team_id} | rights
        share_id: str = self.ask("POST", f"/api/sessions/{session_id}/share", body)["share_id"]
        return share_id

    def sync(self, limit: int = 100) -> tuple[set[str], set[str]]:
        """Asks what is shared since the last time, all pages; the shares gained and lost."""
        gained, lost = set(), set()
        for url in ("/api/v1/analysis/shared-with-me", "/api/sessions/shared-with-me"):
            has_more = True
            while has_more:
                cursor = f"&cursor={self._cursors[url]}" if url in self._cursors else ""
                page = self.ask("GET", f"{url}?limit={limit}{cursor}")
                self.shared |= {item["share_id"]: item for item in page["gained"]}
                for share_id in page["lost"]:
                    self.shared.pop(share_id, None)
                gained |= {item["share_id"] for item in page["gained"]}
                lost |= set(page["lost"])
                self._cursors[url], has_more = page["cursor"], page["has_more"]
        return gained, lost
