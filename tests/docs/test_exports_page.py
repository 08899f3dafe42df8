"""docs/exports.md: its commands are run, its tables compared with what the service does."""

import csv
import io
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import httpx
import pytest

from koodtx.exports.columns import HEADER
from koodtx.exports.messages import RESULT_FORMATS, SESSION_FORMATS
from koodtx.settings import Settings
from tests.docs.pages import blocks, read, rows
from tests.support.processes import WorkerProcess
from tests.support.readings import reading
from tests.support.requests import push, push_body, register
from tests.support.settings import make_settings
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.api]

PAGE = "docs/exports.md"


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("objects")
    return make_settings(database_url, redis_url=redis_url, storage_url=folder.as_uri())


def test_commands_work_as_written(url: str, worker: WorkerProcess, tmp_path: Path) -> None:
    with httpx.Client(base_url=url, timeout=30) as client:
        user = register(client)
        items = [reading(0, x=0.5), reading(1000, "gps", latitude=37.5665, longitude=126.978)]
        push(client, user["headers"], push_body(items, "walk-1"))
        question = {"kind": "analyze_sensor_data", "session_id": "walk-1"}
        job_id = client.post("/api/v1/analysis", json=question, headers=user["headers"]).json()["job_id"]
        path = f"/api/v1/analysis/{job_id}"
        wait_until(lambda: client.get(path, headers=user["headers"]).json()["status"] == "completed", 60)
    script = "\n".join(text for language, text in blocks(read(PAGE)) if language == "sh")
    environment = os.environ | {"TOKEN": user["access_token"], "JOB": job_id}

    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script.replace("localhost:5000", url.removeprefix("http://"))],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    names = {path.name for path in tmp_path.iterdir()} - {"worker.log", "api.log"}
    results = {f"analyze_sensor_data_walk-1.{name}" for name in RESULT_FORMATS}
    assert names == {f"walk-1.{name}" for name in SESSION_FORMATS} | results | {
        "whole.csv",
        "part.csv",
        "rest.csv",
        "export.zip",
    }
    assert (tmp_path / "export.zip").read_bytes() == (tmp_path / "walk-1.zip").read_bytes()
    assert len(list(csv.DictReader(io.StringIO((tmp_path / "walk-1.csv").read_text("utf-8-sig"), newline="")))) == 2
    assert len(json.loads((tmp_path / "walk-1.json").read_text())["sessions"][0]["sensor_data"]) == 2
    with zipfile.ZipFile(tmp_path / "walk-1.zip") as file:
        assert {"README.txt", "session.json", "sensors/gps.csv"} <= set(file.namelist())


def test_tables_list_formats_and_columns() -> None:
    text = read(PAGE)
    of_sessions, of_results = text.split("## A result")
    formats = re.search(r"\| format \| what it is \|.*?\n\n", of_sessions, re.DOTALL)
    columns = re.search(r"### Columns\n.*?\n\n(.*?)\n\n", of_sessions, re.DOTALL)
    assert formats is not None
    assert columns is not None

    assert {_names(row[0])[0] for row in rows(formats[0])} == set(SESSION_FORMATS)
    assert {_names(row[0])[0] for row in rows(of_results)} == set(RESULT_FORMATS)
    assert [name for row in rows(text.split("### Columns")[1].split("###")[0]) for name in _names(row[0])] == HEADER


def _names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)
