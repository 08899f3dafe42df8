"""Requests made from the OpenAPI document, against a service of its own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from koodtx.settings import Settings
from tests.support.readings import START_MS
from tests.support.requests import register
from tests.support.serving import serving
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.api]

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth"


@pytest.mark.parametrize("max_time_s", [4, pytest.param(25, marks=pytest.mark.long)])
def test_schemathesis_finds_no_fault(
    settings: Settings, tmp_path: Path, db: psycopg.Connection[Any], max_time_s: int
) -> None:
    with serving(settings) as client:
        headers = register(client)["headers"]
        prepare(client, headers, db)
        # The events of a job that no worker runs would never end.
        done = run(client, headers, tmp_path, "--exclude-path-regex", "/events$", "--max-time", str(max_time_s))
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
        assert client.get("/health").json()["status"] == "ok"


@pytest.mark.long
def test_schemathesis_finds_no_fault_about_what_is_there(
    settings: Settings, tmp_path: Path, db: psycopg.Connection[Any]
) -> None:
    """By itself it never guesses the id of a job."""
    with serving(settings) as client:
        headers = register(client)["headers"]
        job_id = prepare(client, headers, db)
        fixed = (
            f'[parameters]\n"path.job_id" = "{job_id}"\n"path.session_id" = "walk"\n"query.sensor" = "accelerometer"\n'
        )
        (tmp_path / "schemathesis.toml").write_text(fixed)
        paths = "^/api/(v1/(analysis|jobs/|admin/(maintenance|workers))|sessions/.*series)"
        done = run(
            client, headers, tmp_path, "--include-path-regex", paths, "--exclude-method", "DELETE", "--max-time", "25"
        )
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
        state = client.get(f"/api/v1/analysis/{job_id}", headers=headers)
        assert state.json()["status"] == "completed", "it was there to the end"


def prepare(client: httpx.Client, headers: dict[str, str], db: psycopg.Connection[Any]) -> str:
    """Makes the user an administrator with a session; its job, which has ended."""
    db.execute("update app.users set role = 'admin'")
    # For some seconds the database is not asked again who the caller is.
    wait_until(lambda: client.get("/api/v1/admin/workers", headers=headers).is_success, 5)
    items = [
        {"sensor_type": "accelerometer", "timestamp": START_MS + n * 10, "data": {"x": n, "y": 0, "z": 9.8}}
        for n in range(100)
    ]
    body = {"session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}, "sensor_data": items}
    assert client.post("/api/sync/push", json=body, headers=headers).status_code == 200
    question = {"kind": "analyze_sensor_data", "session_id": "walk"}
    job_id: str = client.post("/api/v1/analysis", json=question, headers=headers).json()["job_id"]
    db.execute(
        "update app.jobs set status = 'completed', progress = 100, version = 5, finished_at = now(),"
        " result = analytics.session_analysis(recording_id)"
    )
    return job_id


def run(
    client: httpx.Client, headers: dict[str, str], folder: Path, *options: str
) -> "subprocess.CompletedProcess[str]":
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "run", f"{client.base_url}/docs/openapi.json",
        "--header", f"Authorization: {headers['Authorization']}",
        # It would end the login that the rest needs.
        "--exclude-path", "/api/auth/logout",
        "--checks", _CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "15",
        "--request-timeout", "20", "--seed", "1", "--no-shrink", "--warnings", "off",
        "--suppress-health-check", "all", "--continue-on-failure", *options,
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
