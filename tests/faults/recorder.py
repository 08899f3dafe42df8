"""A phone in a thread of its own, which records and pushes whatever happens, and keeps account of it."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from examples.client import RETRYABLE, Document, Phone, Refused
from tests.support.readings import START_MS
from tests.support.settings import PASSWORD

SENSOR = "accelerometer"
_START_TIME = "2025-10-09T08:53:20Z"
_READINGS_A_PUSH = 100
_PUSHES_A_PULL = 12
_REQUEST_S = 15
_DRAIN_S = 60


class Recorder(threading.Thread):
    """One device of the account `user`, which records one session.

    `recorded`: what its session must hold in the end, by time. `replies`: what each push was answered, in order.
    `acknowledged_from`: when the newest answered push began. `faults`: what no client should ever meet.
    """

    def __init__(self, url: str, user: str, device_id: str, seed: int) -> None:
        super().__init__(name=device_id, daemon=True)
        self.user = user
        self.session_id = f"of-{device_id}"
        self.recorded: dict[int, Document] = {}
        self.updates = 0
        self.replies: list[Document] = []
        self.pulled: dict[str, dict[int, Document]] = {}
        self.failures: Counter[str] = Counter()
        self.faults: list[str] = []
        self.acknowledged_from = 0.0
        self._url = url
        self._device_id = device_id
        self._random = random.Random(seed)
        self._is_asked_to_end = threading.Event()

    def end(self) -> None:
        """Let it push what it still has, pull, and end."""
        self._is_asked_to_end.set()

    def run(self) -> None:
        try:
            with httpx.Client(base_url=self._url, timeout=_REQUEST_S) as http:
                # A timeout ends a batch, which the account below does not expect: none within what the faults last.
                phone = Phone(http, ":memory:", self._device_id, attempts=1, timeout_s=_DRAIN_S)
                phone.login(self.user, PASSWORD)
                phone.begin_session(self.session_id, _START_TIME, sample_rate=100)
                self._record_and_push(phone)
                self._drain(phone)
                phone.close()
        except Exception as error:
            self.faults.append(repr(error))

    def _record_and_push(self, phone: Phone) -> None:
        while not self._is_asked_to_end.is_set():
            self._record(phone)
            if self._try_push(phone) and len(self.replies) % _PUSHES_A_PULL == 0:
                self._try_pull(phone)
            time.sleep(self._random.uniform(0, 0.05))

    def _drain(self, phone: Phone) -> None:
        deadline = time.monotonic() + _DRAIN_S
        while not (self._try_push(phone) and self._try_pull(phone)):
            if time.monotonic() > deadline:
                raise TimeoutError("the last push was never answered")
        # Of all sessions of the account, the other device's too: what that one pushes after this is not in it.
        self.pulled = {
            session["session_id"]: {int(at): data for _, at, data in phone.readings(session["session_id"])}
            for session in phone.sessions()
        }

    def _record(self, phone: Phone) -> None:
        """Some new readings, and a changed one of an earlier push: a push applied twice would count it again."""
        new = self._random.randint(1, _READINGS_A_PUSH)
        first = START_MS + len(self.recorded) * 10
        fresh = {first + n * 10: self._data() for n in range(new)}
        if self.replies:
            fresh[self._random.choice(range(START_MS, first, 10))] = self._data()
            self.updates += 1
        self.recorded |= fresh
        phone.record_many(self.session_id, [(SENSOR, at, data) for at, data in fresh.items()])

    def _data(self) -> Document:
        return {axis: self._random.uniform(-10, 10) for axis in "xyz"}

    def _try_push(self, phone: Phone) -> bool:
        began = time.monotonic()
        if not self._try(lambda: phone.push(on_reply=self.replies.append)):
            return False
        self.acknowledged_from = began
        return True

    def _try_pull(self, phone: Phone) -> bool:
        return self._try(lambda: phone.pull(own=False))

    def _try(self, call: Any) -> bool:
        """Whether it was answered. What may go through later is counted; any other error is raised."""
        try:
            call()
        except httpx.TransportError as error:
            self.failures[type(error).__name__] += 1
        except Refused as refused:
            if refused.status not in RETRYABLE:
                raise
            self.failures[f"{refused.status} {refused.problem}"] += 1
        else:
            return True
        time.sleep(0.05)
        return False


@contextmanager
def recording(url: str, phones: int, seed: int) -> Iterator[list[Recorder]]:
    """Phones that record and push meanwhile, two of each account. At the end all have pushed everything."""
    users = [f"user{number}-{seed}" for number in range((phones + 1) // 2)]
    for user in users:
        account = {"username": user, "email": f"{user}@example.org", "password": PASSWORD, "device_id": "first"}
        httpx.post(f"{url}/api/auth/register", json=account, timeout=_REQUEST_S).raise_for_status()
    recorders = [
        Recorder(url, users[number // 2], f"phone{number}-{seed}", seed * 100 + number) for number in range(phones)
    ]
    for recorder in recorders:
        recorder.start()
    try:
        yield recorders
    finally:
        for recorder in recorders:
            recorder.end()
        for recorder in recorders:
            recorder.join(_DRAIN_S + _REQUEST_S)
