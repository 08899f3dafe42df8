"""`koodtx scorer` as a process: what it accepts, what it sends, and how it fails."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import standardwebhooks

from tests.scorer.world import (
    OLD_SECRET,
    SECRET,
    Api,
    World,
    running_scorer,
    running_world,
    scorer_command,
    scorer_environment,
    status_of,
)
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_world() as world:
        yield world


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scorer")


@pytest.fixture(scope="module")
def api(world: World, folder: Path) -> Iterator[Api]:
    with running_scorer(world, folder) as api:
        yield api


def scoring_process(api: Api) -> psutil.Process:
    family = psutil.Process(api.pid).children(recursive=True)
    return next(process for process in family if "koodtx.scorer.child" in process.cmdline())


def test_an_analysis_is_accepted_and_reported_step_by_step(api: Api, world: World) -> None:
    assert api.submit("whole").status_code == 202
    end = world.last("whole")
    assert end["status"] == "completed"
    result = end["result"]
    assert {result[f"{name}_score"] for name in ("pronunciation", "intonation", "emotion", "overall")} == {100}
    assert "words are not recognised" in result["detailed_feedback"]["method"]
    received = world.of("whole")
    assert [webhook.report.get("progress") for webhook in received] == [5, 40, None]
    assert len({webhook.headers["webhook-id"] for webhook in received}) == 3
    for webhook in received:
        standardwebhooks.Webhook(SECRET).verify(webhook.body, webhook.headers)
    assert api.poll("whole").json() == end


def test_another_digit_scores_less(api: Api, world: World) -> None:
    api.submit("digit", "/files/fsdd/9_jackson_0.wav")
    assert world.last("digit")["result"]["pronunciation_score"] < 50


def test_a_known_analysis_is_not_run_again_but_its_result_is_sent_again(api: Api, world: World) -> None:
    assert api.submit("twice").status_code == 202
    first = world.last("twice")
    count = len(world.of("twice"))
    again = api.submit("twice")
    assert (again.status_code, again.json()["status"]) == (202, "completed")
    wait_until(lambda: len(world.of("twice")) > count)
    sent_again = world.of("twice")[count:]
    assert [webhook.report for webhook in sent_again] == [first]
    assert sent_again[0].headers["webhook-id"] == world.of("twice")[count - 1].headers["webhook-id"]


def test_a_webhook_is_sent_until_it_is_accepted(api: Api, world: World) -> None:
    # Two of progress, which are not repeated, then the result.
    world.answers += [500, 503, 500, 429, 200]
    api.submit("retry")
    wait_until(lambda: len(world.of("retry")) == 5)
    results = world.of("retry")[2:]
    assert len({(webhook.headers["webhook-id"], webhook.body) for webhook in results}) == 1
    for webhook in results:
        standardwebhooks.Webhook(SECRET).verify(webhook.body, webhook.headers)


def test_a_webhook_that_is_rejected_is_not_sent_again(api: Api, world: World) -> None:
    world.answers += [200, 200, 404]
    api.submit("rejected")
    world.last("rejected")
    time.sleep(2)
    assert len(world.of("rejected")) == 3
    assert api.poll("rejected").json()["status"] == "completed"


@pytest.mark.parametrize(
    ("take", "reason"),
    [
        ("/missing", "the take could not be downloaded: the server answered 404"),
        ("/moved", "the take could not be downloaded: the server answered 302"),
        ("/large", "the take has more than 50 MB"),
        ("/files/SOURCE.txt", "the take is not a wav, mp3 or m4a file that can be decoded"),
    ],
)
def test_a_take_that_cannot_be_scored_fails_with_a_reason(
    api: Api, world: World, folder: Path, take: str, reason: str
) -> None:
    job_id = f"bad-{take.rpartition('/')[2].removesuffix('.txt')}"
    assert api.submit(job_id, take).status_code == 202
    assert world.last(job_id) == {"job_id": job_id, "status": "failed", "error": reason}
    assert not list(folder.glob("koodtx-scorer-*")), "files are deleted"


def test_an_address_that_was_not_given_is_not_called(api: Api, world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.5)
        url = f"http://127.0.0.1:{other.getsockname()[1]}/take"
        assert api.submit("elsewhere", take_audio_url=url).status_code == 422
        with pytest.raises(TimeoutError):
            other.accept()
    assert not world.of("elsewhere")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reference_audio_url": "file:///etc/passwd"}, "reference_audio_url"),
        ({"webhook_url": "http://169.254.169.254/latest"}, "webhook_url"),
        ({"take_audio_url": "http://[::1"}, "take_audio_url"),
        ({"job_id": "a b\n"}, "job_id"),
        ({"job_id": 7}, "job_id"),
        ({"urls_expire_at": "soon"}, "urls_expire_at"),
        ({"webhook_url": None}, "webhook_url"),
    ],
)
def test_bad_requests_name_the_field(api: Api, changes: dict[str, object], field: str) -> None:
    answer = api.send(json.dumps(api.request("bad") | changes).encode())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff", 400),
        (b'{"a":' + b"[" * 30_000, 400),
        (b"[]", 422),
        (b'{"a": 1}', 422),
        (b" " * 70_000, 413),
    ],
)
def test_bodies_that_are_no_request(api: Api, body: bytes, status: int) -> None:
    assert api.send(body).status_code == status


def test_only_signed_requests_are_answered(api: Api, world: World) -> None:
    body = json.dumps(api.request("signed")).encode()
    assert api.http.post("/analyses", content=body).status_code == 401
    assert api.http.get("/analyses/whole").status_code == 401
    assert api.send(body, secret="whsec_" + "A" * 32).status_code == 401
    assert api.send(body, sent_at=int(time.time()) - 400).status_code == 401
    assert not world.of("signed")
    assert api.send(body, secret=OLD_SECRET).status_code == 202
    assert world.last("signed")["status"] == "completed"


def test_an_unknown_analysis_cannot_be_polled(api: Api) -> None:
    assert api.poll("unknown").status_code == 404


def test_a_killed_process_is_started_again(api: Api, world: World) -> None:
    scoring_process(api).kill()
    wait_until(lambda: status_of(api, "/ready") == 503)
    api.submit("after-kill")
    assert world.last("after-kill", 120)["status"] == "completed"


def test_a_process_that_dies_while_it_scores_fails_that_analysis_only(api: Api, world: World) -> None:
    process = scoring_process(api)
    process.suspend()
    api.submit("dies")
    wait_until(lambda: [w for w in world.of("dies") if w.report.get("progress") == 40])
    time.sleep(0.2)
    process.kill()
    assert world.last("dies")["error"] == "the process that compares ended unexpectedly"
    api.submit("lives")
    assert world.last("lives", 120)["status"] == "completed"


def test_a_full_queue_is_answered_429(world: World, api: Api) -> None:
    world.released.clear()
    answers = [api.submit(f"many-{number}", "/slow") for number in range(106)]
    world.released.set()
    assert [answer.status_code for answer in answers[:100]] == [202] * 100
    refused = answers[-1]
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    assert world.last("many-99")["status"] == "failed"


def test_a_lazy_scorer_starts_at_the_first_request(world: World, folder: Path) -> None:
    with running_scorer(world, folder, "--lazy") as api:
        wait_until(lambda: status_of(api, "/health") == 503, 10)
        assert len(psutil.Process(api.pid).children(recursive=True)) < 2
        wait_until(lambda: status_of(api, "/health") == 200, 30)
        assert status_of(api, "/ready") == 503
        assert api.submit("lazy").status_code == 202
        assert world.last("lazy", 120)["status"] == "completed"
        assert status_of(api, "/ready") == 200


def test_it_ends_with_all_its_processes(world: World, folder: Path) -> None:
    with running_scorer(world, folder) as api:
        family = psutil.Process(api.pid).children(recursive=True)
        assert len(family) >= 2
    psutil.wait_procs(family, 10)
    assert not any(process.is_running() for process in family)


def test_the_secret_is_required_and_not_shown(tmp_path: Path) -> None:
    environment = scorer_environment(tmp_path)
    for secret, reason in (("", "is not set"), ("whsec_c2hvcnQ=", "the secret has 5 bytes"), ("whsec_?", "not base64")):
        done = subprocess.run(
            scorer_command(),
            env=environment | {"KOODTX_ANALYSIS_SERVER_SECRET": secret},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert reason in done.stderr
        assert "KOODTX_ANALYSIS_SERVER_SECRET" in done.stderr
        assert not secret or secret not in done.stderr


def test_a_taken_port_is_reported(world: World, tmp_path: Path) -> None:
    port = world.server.server_address[1]
    command = scorer_command("--port", str(port))
    done = subprocess.run(
        command, env=scorer_environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (
        2,
        f"koodtx: Port {port} on 127.0.0.1 is taken: stop what listens there, or use --port.\n",
    )


def test_api_workers_and_the_server_do_not_import_signal_processing() -> None:
    code = (
        "import koodtx.app, koodtx.worker, koodtx.embedded.up, koodtx.scorer.app, sys\n"
        "print(sorted({'librosa', 'numba', 'scipy', 'av'} & set(sys.modules)))"
    )
    settings = {
        "KOODTX_DATABASE_URL": "postgresql:///none",
        "KOODTX_SECRET_KEY": "k" * 32,
        "KOODTX_REDIS_URL": "redis://",
    }
    done = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
