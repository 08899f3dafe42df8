"""`koodtx demo` passes on a working service and reports lost readings."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from rich.console import Console

from koodtx.demo import run_demo
from koodtx.demo.analysis import AnalysisFailedError, Analyst
from koodtx.demo.analysis_report import differences_to_sent, report
from koodtx.demo.compare import differences
from koodtx.demo.recording import Reading, read_recording
from koodtx.embedded.choose import find_postgres
from koodtx.resources import project_folder
from koodtx.settings import Settings
from tests.docs.pages import blocks, read
from tests.support.settings import PASSWORD


@pytest.mark.smoke
@pytest.mark.integration
@pytest.mark.usefixtures("worker")
def test_the_recording_is_pulled_unchanged_and_analysed(
    url: str, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_demo(url) == 0

    printed = capsys.readouterr().out
    assert "5,000 duplicates" in printed
    assert "5,000 updated" in printed
    assert "Analysis completed" in printed
    assert "All 108,909 readings were pulled unchanged." in printed
    assert f"{url}/docs/" in printed
    # Counted independently on the original files; the correction changes neither times nor positions.
    assert re.search(r"accelerometer +34,667 +49\.41 +50\.00 +98\.8 % +0 +0\.04 s", printed)
    assert re.search(r"gps +1,091 .* 2 +4\.92 s", printed)
    assert "693.8 m raw (1,091 fixes)" in printed
    assert "631.4 m gated (1,088 fixes accurate to 20 m)" in printed

    statement = re.search(r"select jsonb_pretty.*?;", printed, re.DOTALL)
    assert statement is not None
    for result in (_by_psql(settings, tmp_path), _in_sql(settings, statement[0])):
        in_sql = _lines(_printed_report(result))
        assert len(in_sql) == 1 + 1 + 5 + 3
        assert in_sql <= _lines(printed)


@pytest.mark.long
@pytest.mark.integration
def test_a_demonstration_without_an_analysis_fails(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_demo(url, analysis_limit_s=1) == 1

    printed = capsys.readouterr().out
    assert "check that a worker is running" in printed
    assert "Analysis of" not in printed
    assert "pulled unchanged" not in printed


@pytest.mark.integration
def test_an_analysis_that_does_not_run_or_is_cancelled_is_reported(url: str) -> None:
    with httpx.Client(base_url=url) as http:
        account = {"username": "mina", "email": "mina@example.org", "password": PASSWORD}
        token = http.post("/api/auth/register", json=account).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        session = {"session": {"session_id": "s", "start_time": "2025-10-09T08:53:20Z"}, "sensor_data": []}
        assert http.post("/api/sync/push", json=session).status_code == 200

        with pytest.raises(AnalysisFailedError, match="did not finish within 2 s: check that a worker is running"):
            Analyst(http, "mina", PASSWORD, limit_s=2).analyse("s", lambda message: None)

        types = []

        def cancel(message: dict[str, Any]) -> None:
            types.append(message["type"])
            if message["type"] == "connected":
                assert http.delete(f"/api/v1/analysis/{message['job_id']}").status_code == 204

        with pytest.raises(AnalysisFailedError, match="is cancelled"):
            Analyst(http, "mina", PASSWORD, limit_s=30).analyse("s", cancel)
        assert types[-1] == "error"


@pytest.mark.unit
def test_an_analysis_that_misses_readings_is_reported() -> None:
    sensors = {"gps": {"count": 1}, "light": {"count": 1}}
    sent = [Reading("gps", 1.0, {}), Reading("gps", 2.0, {})]

    assert differences_to_sent({"sensors": sensors, "distance": None}, sent) == [
        "gps: 2 readings were sent, the analysis has 1",
        "light: 0 readings were sent, the analysis has 1",
        "the analysis has no distance",
    ]
    assert differences_to_sent({"sensors": {"gps": {"count": 2}}, "distance": {"sensor": "gps"}}, sent) == []


@pytest.mark.unit
def test_the_recording_is_whole() -> None:
    recording = read_recording(project_folder("examples") / "sensorlogger_ethz")

    # Counted independently on the original files.
    assert len(recording) == 34_667 + 34_648 + 34_650 + 3_853 + 1_091
    accelerometer = [reading.data for reading in recording if reading.sensor_type == "accelerometer"]
    assert sum(data["z"] for data in accelerometer) / len(accelerometer) == pytest.approx(9.680351652)
    assert recording[0] == Reading(
        "accelerometer",
        1679068247375.69,
        {"z": 9.66539192199707, "y": -0.002394201699644327, "x": 0.12689268589019775},
    )


@pytest.mark.unit
def test_lost_unexpected_and_changed_readings_are_reported() -> None:
    sent = [Reading("gps", 1.0, {"speed": 1.0}), Reading("gps", 2.0, {"speed": 2.0})]

    assert differences(sent, [("gps", 1.0, {"speed": 1}), ("gps", 2.0, {"speed": 2.0})]) == []
    assert [line.split(",")[0] for line in differences(sent, [("gps", 1.0, {"speed": 1.0})])] == [
        "1 readings were not pulled"
    ]
    assert [line.split(",")[0] for line in differences(sent, [*sent, ("gps", 3.0, {})])] == [
        "1 readings were pulled but never sent"
    ]
    assert [line.split(",")[0] for line in differences(sent, [sent[0], ("gps", 2.0, {"speed": 2.1})])] == [
        "1 readings were pulled with other values"
    ]


def _in_sql(settings: Settings, statement: str) -> dict[str, Any]:
    """Returns the result of the printed statement."""
    with psycopg.connect(settings.database_url) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[call-overload]
    result: dict[str, Any] = json.loads(row[0])
    return result


def _by_psql(settings: Settings, folder: Path) -> dict[str, Any]:
    """Returns what the command of docs/analysts.md prints in the folder of a running `koodtx up`."""
    (command,) = (text for language, text in blocks(read("docs/analysts.md")) if language == "sh")
    (folder / ".koodtx").mkdir()
    (folder / ".koodtx" / "env").write_text(f"KOODTX_DATABASE_URL={settings.database_url}\n")
    binaries = find_postgres(os.environ.get("KOODTX_POSTGRES_KIND"), print)
    env = {"PATH": f"{os.environ['PATH']}:{binaries.bin_dir}"}
    done = subprocess.run(
        ["bash", "-eu", "-c", command], cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _printed_report(result: dict[str, Any]) -> str:
    """Returns the report as the demo prints it."""
    console = Console(width=80, highlight=False)
    with console.capture() as captured:
        console.print(report(result))
    return captured.get()


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip()}
