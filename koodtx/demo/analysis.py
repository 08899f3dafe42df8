"""Requests an analysis, follows its progress and gets the result, as an app does."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from koodtx.errors import KoodtxError

Message = dict[str, Any]

_ENDS = ("completed", "error")
# Without messages for this long, it connects again and checks its time limit.
_SILENCE_S = 20
_PAUSE_S = 0.5


class AnalysisFailedError(KoodtxError):
    """The analysis has no result; the message states the reason."""


class Analyst:
    """A login that requests analyses of its sessions. Raises AnalysisFailedError and httpx's errors."""

    def __init__(self, http: httpx.Client, username: str, password: str, *, limit_s: float) -> None:
        self._http = http
        self._limit_s = limit_s
        account = {"username": username, "password": password, "device_id": "demo-laptop"}
        login = _json(http.post("/api/auth/login", json=account))
        self._headers = {"Authorization": f"Bearer {login['access_token']}"}
        self.user_id: int = login["user"]["id"]

    def analyse(self, session_id: str, on_message: Callable[[Message], object]) -> Message:
        """Returns the result of `analyze_sensor_data`; `on_message` receives the messages about the job until then."""
        question = {"kind": "analyze_sensor_data", "session_id": session_id}
        job_id = _json(self._http.post("/api/v1/analysis", json=question, headers=self._headers))["job_id"]
        for message in self._follow(job_id):
            on_message(message)
        answer = _json(self._http.get(f"/api/v1/analysis/{job_id}/result", headers=self._headers))
        if answer["status"] != "completed":
            raise AnalysisFailedError(f"the analysis is {answer['status']}: {answer['error']}")
        result: Message = answer["result"]
        return result

    def _follow(self, job_id: str) -> Iterator[Message]:
        """Yields all messages up to the last. After a lost connection, a new one resumes after the last message."""
        deadline = time.monotonic() + self._limit_s
        seen = _Seen()
        while (left_s := deadline - time.monotonic()) > 0 and not seen.is_last:
            try:
                yield from self._events(job_id, seen, min(left_s, _SILENCE_S))
            except httpx.TransportError:
                time.sleep(_PAUSE_S)
        if not seen.is_last:
            raise AnalysisFailedError(
                f"the analysis did not finish within {self._limit_s:g} s: check that a worker is running"
            )

    def _events(self, job_id: str, seen: "_Seen", silence_s: float) -> Iterator[Message]:
        """Yields the new messages of one connection. It uses a ticket, because URLs with tokens would be logged."""
        ticket = _json(self._http.post("/api/v1/tickets", headers=self._headers))["ticket"]
        url = f"/api/v1/analysis/{job_id}/events"
        headers = {"Last-Event-ID": seen.event_id}
        with self._http.stream("GET", url, params={"token": ticket}, headers=headers, timeout=silence_s) as reply:
            reply.raise_for_status()
            seen.is_last = reply.status_code == httpx.codes.NO_CONTENT
            for line in reply.iter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    seen.event_id = value
                elif name == "data":
                    message = json.loads(value)
                    seen.is_last = message["type"] in _ENDS
                    yield message


class _Seen:
    """The position up to which events were read."""

    event_id = "0"
    is_last = False


def _json(reply: httpx.Response) -> Any:
    return reply.raise_for_status().json()
