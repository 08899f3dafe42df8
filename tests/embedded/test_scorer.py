"""The scorer as a part of `koodtx up`."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from koodtx.embedded.scorer import scorer_environment, scorer_options
from koodtx.embedded.up import run_up
from koodtx.processes.addresses import free_port
from koodtx.scorer import extra
from koodtx.scorer.errors import ExtraMissing
from koodtx.webhooks.signature import read_secret, signed_headers
from tests.support.private_servers import make_data_dir
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration

_API = "http://127.0.0.1:5000"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings of the environment that runs the tests are not used."""
    for name in [name for name in os.environ if name.startswith("KOODTX_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_api_and_scorer_share_a_secret_that_is_kept(tmp_path: Path) -> None:
    first, second = scorer_environment({}, tmp_path, _API), scorer_environment({}, tmp_path, _API)
    secret = first["KOODTX_ANALYSIS_SERVER_SECRET"]
    assert secret.startswith("whsec_")
    assert len(read_secret(secret)) == 32
    assert second["KOODTX_ANALYSIS_SERVER_SECRET"] == secret
    assert first["KOODTX_PUBLIC_URL"] == _API
    assert (tmp_path / "analysis-server.secret").stat().st_mode & 0o777 == 0o600


def test_settings_that_are_given_stay(tmp_path: Path) -> None:
    given = {"KOODTX_ANALYSIS_SERVER_SECRET": "whsec_given", "KOODTX_PUBLIC_URL": "https://api.example.org"}
    found = scorer_environment(given, tmp_path, _API)
    assert {name: found[name] for name in given} == given
    assert scorer_environment({"KOODTX_ANALYSIS_SERVER_URL": "https://other.example.org"}, tmp_path, _API) == {}
    assert not list(tmp_path.iterdir())


def test_only_files_in_a_folder_are_below_the_address_of_the_api(tmp_path: Path) -> None:
    env = scorer_environment({}, tmp_path, _API)
    port = str(urlsplit(env["KOODTX_ANALYSIS_SERVER_URL"]).port)
    in_folder = scorer_options(env | {"KOODTX_STORAGE_URL": "file:///srv/objects"})
    assert in_folder == ["scorer", "--lazy", "--port", port, "--public", _API]
    assert scorer_options(env | {"KOODTX_STORAGE_URL": "s3://bucket/takes"}) == in_folder[:4]


def test_without_its_packages_it_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extra, "_PACKAGES", ("av", "koodtx_no_such_package"))
    assert scorer_environment({}, tmp_path, _API) == {}
    with pytest.raises(ExtraMissing, match=r"pip install 'koodtx\[scorer\]'"):
        extra.require_extra()


def test_it_answers_while_up_runs(folder: Path) -> None:
    data_dir = make_data_dir(folder)

    def visit(base_url: str) -> int:
        port, secret = _port_of_scorer(), read_secret(_secret_in(data_dir))
        names = ("reference_audio_url", "take_audio_url", "webhook_url")
        body = json.dumps({"job_id": "first"} | dict.fromkeys(names, f"{base_url}/missing")).encode()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
            answers: list[int] = []

            def is_accepted() -> bool:
                try:
                    answer = http.post("/analyses", content=body, headers=signed_headers(secret, "first.1", body))
                except httpx.TransportError:
                    return False
                answers.append(answer.status_code)
                return answer.status_code == 202

            wait_until(is_accepted, 30)
            assert answers[0] == 503, "it is on standby until the first request"

            def report() -> dict[str, str]:
                found: dict[str, str] = http.get("/analyses/first", headers=signed_headers(secret, "poll", b"")).json()
                return found

            wait_until(lambda: report()["status"] == "failed", 30)
            assert report()["error"] == "the reference could not be downloaded: the server answered 404"
        return 3

    assert run_up("127.0.0.1", free_port(), data_dir, 1, "wheel", visit) == 3


def _port_of_scorer() -> int:
    def commands() -> list[list[str]]:
        return [words for process in psutil.Process().children() if "scorer" in (words := process.cmdline())]

    # `up` does not wait for it.
    wait_until(commands)
    (words,) = commands()
    return int(words[words.index("--port") + 1])


def _secret_in(data_dir: Path) -> str:
    return scorer_environment({}, data_dir, "")["KOODTX_ANALYSIS_SERVER_SECRET"]
