"""The steps of the demo."""

import importlib.util
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from koodtx.demo.analysis import AnalysisFailedError, Analyst, Message
from koodtx.demo.analysis_report import differences_to_sent, report
from koodtx.demo.compare import differences
from koodtx.demo.recording import SAMPLE_RATE_HZ, SENSORS, Reading, read_recording
from koodtx.demo.report import Step, next_steps, table
from koodtx.resources import project_folder

_BATCH = 5_000
_SESSION_ID = "campus-walk"
_TIMEOUT_S = 60


def play(base_url: str, analysis_limit_s: float) -> int:
    """Runs every step and prints the table and the report. Returns 1 if a count, a reading or the analysis is wrong."""
    console = Console(highlight=False)
    recording = read_recording(project_folder("examples") / "sensorlogger_ethz")
    with httpx.Client(base_url=base_url, timeout=_TIMEOUT_S) as http:
        demonstration = _Demonstration(http, console, recording)
        found = demonstration.run()
    with httpx.Client(base_url=base_url, timeout=_TIMEOUT_S) as http:
        found += demonstration.analyse(http, analysis_limit_s)
    console.print("", table(demonstration.steps), "", sep="\n")
    if demonstration.analysis is not None:
        console.print(report(demonstration.analysis), "", sep="\n")
    for line in found:
        console.print(line, style="bold red", markup=False)
    if found:
        return 1
    console.print(f"All {len(recording):,} readings were pulled unchanged.", style="bold green")
    console.print(demonstration.next_steps(base_url), markup=False, soft_wrap=True)
    return 0


class _Demonstration:
    """A phone that pushes, a tablet of the same account that pulls, and a laptop that requests an analysis.

    `steps` lists the finished steps. `analysis` is the result, None if there is none.
    """

    def __init__(self, http: httpx.Client, console: Console, recording: list[Reading]) -> None:
        self.steps: list[Step] = []
        self.analysis: Message | None = None
        self.username = f"demo-{secrets.token_hex(4)}"
        self.password = secrets.token_urlsafe(12)
        self._recording = recording
        self._console = console
        self._http = http
        self._bytes = 0
        http.event_hooks = {"response": [self._count_bytes]}
        client = _load_client()
        self._phone = client.Phone(http, ":memory:", "demo-phone", batch_size=_BATCH)
        self._tablet = client.Phone(http, ":memory:", "demo-tablet")

    def run(self) -> list[str]:
        """Pushes and pulls the recording. Returns a sentence per unexpected result."""
        user = self._phone.register(self.username, f"{self.username}@example.org", self.password)
        self._user_id = user["id"]
        self._record()
        first = self._recording[:_BATCH]
        corrected = [_corrected(reading) for reading in first]
        found = [
            *self._push("Push the recording", self._recording, "inserted"),
            *self._push("Push one batch again", first, "duplicates"),
            *self._push("Push it corrected", corrected, "updated"),
        ]
        self._tablet.login(self.username, self.password)
        expected = corrected + self._recording[_BATCH:]
        self._step("Pull it on a tablet", len(expected), self._pull)
        return found + differences(expected, self._tablet.readings(_SESSION_ID))

    def analyse(self, http: httpx.Client, limit_s: float) -> list[str]:
        """Analyses the recording after `run`; `http` may stream. Returns a sentence per unexpected result."""
        began = time.perf_counter()
        analyst = Analyst(http, self.username, self.password, limit_s=limit_s)
        messages: list[Message] = []
        try:
            with _live_progress(self._console, messages) as show:
                self.analysis = analyst.analyse(_SESSION_ID, show)
        except AnalysisFailedError as error:
            return [str(error)]
        seconds = time.perf_counter() - began
        self.steps.append(Step("Analyse it", len(self._recording), {"live messages": len(messages)}, seconds, 0))
        return differences_to_sent(self.analysis, self._recording)

    def next_steps(self, base_url: str) -> str:
        """Returns suggestions for what to try next. Needs `run` before it."""
        return next_steps(base_url, self.username, self.password, self._user_id, _SESSION_ID)

    def _record(self) -> None:
        times = [reading.timestamp_ms for reading in self._recording]
        self._phone.begin_session(
            _SESSION_ID,
            min(times),
            end_time=max(times),
            sample_rate=SAMPLE_RATE_HZ,
            enabled_sensors=list(SENSORS.values()),
            device={"platform": "android", "model": "SM-A520F"},
            notes="Twelve minutes on a campus, Sensor Logger on an SM-A520F",
        )

    def _push(self, title: str, readings: list[Reading], outcome: str) -> list[str]:
        """Records and pushes readings. Returns a sentence unless every reading had the expected outcome."""
        self._phone.record_many(_SESSION_ID, readings)
        counts = self._step(
            title,
            len(readings),
            lambda advance: self._phone.push(on_reply=lambda reply: advance(reply["total_records"])),
        )
        expected = Counter({outcome: len(readings)})
        return [] if +counts == expected else [f"{title}: expected {dict(expected)}, got {dict(+counts)}"]

    def _pull(self, _advance: Callable[[int], None]) -> Counter[str]:
        pages: list[int] = []
        self._tablet.pull(on_page=lambda page: pages.append(page["page"]))
        return Counter(pages=len(pages))

    def _step(self, title: str, size: int, work: Callable[[Callable[[int], None]], Counter[str]]) -> Counter[str]:
        """Does some work with a progress bar and records its duration."""
        self._bytes = 0
        began = time.perf_counter()
        with _progress(self._console) as progress:
            task = progress.add_task(title, total=size)
            outcome = work(lambda readings: progress.advance(task, readings))
            progress.update(task, completed=size)
        self.steps.append(Step(title, size, dict(+outcome), time.perf_counter() - began, self._bytes))
        return outcome

    def _count_bytes(self, response: httpx.Response) -> None:
        self._bytes += len(response.request.content) + len(response.read())


def _corrected(reading: Reading) -> Reading:
    """Returns the reading with a smaller z, as after a calibration."""
    return reading._replace(data=reading.data | {"z": reading.data["z"] - 0.125})


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:21}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


@contextmanager
def _live_progress(console: Console, messages: list[Message]) -> Iterator[Callable[[Message], None]]:
    """Shows the messages about a job as a progress bar and appends them to `messages`."""
    columns = (TextColumn("{task.description:21}"), BarColumn(), TextColumn("{task.fields[text]}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Analyse it", total=100, text="")

        def show(message: Message) -> None:
            messages.append(message)
            if "progress" in message:
                text = message.get("message") or message["status"]
                progress.update(task, completed=message["progress"], text=text)

        yield show


def _load_client() -> Any:
    """Imports examples/client, which is not part of the package because apps copy it."""
    name = "koodtx_example_client"
    spec = importlib.util.spec_from_file_location(name, project_folder("examples") / "client" / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its modules import each other by the name of their package.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
