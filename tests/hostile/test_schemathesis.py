"""Requests made from the OpenAPI document, against a service of its own."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from serving import log_in, serving

from koodtx.settings import Settings

pytestmark = [pytest.mark.integration, pytest.mark.api]

_MAX_TIME_S = 25
_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth"


def test_schemathesis_finds_no_fault(settings: Settings, tmp_path: Path) -> None:
    with serving(settings) as client:
        headers = log_in(client)
        session = {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}
        assert client.post("/api/sync/push", json={"session": session}, headers=headers).status_code == 200
        done = run(client, headers, tmp_path)
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
        assert client.get("/health").json()["status"] == "ok"


def run(client: httpx.Client, headers: dict[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "run", f"{client.base_url}/docs/openapi.json",
        "--header", f"Authorization: {headers['Authorization']}",
        # It would end the log-in that the rest needs.
        "--exclude-path", "/api/auth/logout",
        "--checks", _CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "15",
        "--max-time", str(_MAX_TIME_S), "--request-timeout", "20", "--seed", "1", "--no-shrink", "--warnings", "off",
        "--suppress-health-check", "all", "--continue-on-failure",
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
