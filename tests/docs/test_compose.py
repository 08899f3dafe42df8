"""docker-compose.yml, as docker-compose itself reads it; no engine is needed for that."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import ROOT

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed"),
]

_SECRETS = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "KOODTX_APP_PASSWORD", "KOODTX_SECRET_KEY")


def test_only_the_api_is_reached_from_outside() -> None:
    services = _services()

    assert [name for name, service in services.items() if "ports" in service] == ["api"]
    assert services["api"]["ports"] == ["127.0.0.1:5000:5000/tcp"]
    assert {name for name, service in services.items() if "outside" in service["networks"]} == {"api"}


def test_images_are_pinned() -> None:
    for service in _services().values():
        assert re.search(r":\d+\.\d+\.\d+", service["image"]), service["image"]


def test_what_stays_up_is_restarted_and_what_answers_is_asked() -> None:
    services = _services()

    lasting = {name for name, service in services.items() if service.get("restart") == "unless-stopped"}
    assert {name for name, service in services.items() if "healthcheck" in service} == {"postgres", "redis", "api"}
    # A worker that is alive but stuck loses its lease to another: nobody need ask it how it is.
    assert lasting == {"postgres", "redis", "api", "worker", "interactive-worker", "scheduler"}


def test_the_api_waits_for_the_migration_and_is_not_the_owner_of_the_database() -> None:
    services = _services()

    assert services["api"]["depends_on"]["app-login"]["condition"] == "service_completed_successfully"
    assert services["app-login"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert "//koodtx_app:" in services["api"]["environment"]["KOODTX_DATABASE_URL"]
    assert "secret of POSTGRES_PASSWORD" not in str(services["api"])


def test_grafana_is_there_when_asked_for_and_has_no_more_rights_than_an_analyst() -> None:
    services = _services("observe")

    assert set(services) - set(_services()) == {"grafana", "grafana-login"}
    grafana = services["grafana"]
    assert grafana["ports"] == ["127.0.0.1:3000:3000/tcp"]
    assert re.fullmatch(r"grafana/grafana:\d+\.\d+\.\d+", grafana["image"])
    assert grafana["depends_on"] == {"grafana-login": {"condition": "service_completed_successfully"}}
    assert grafana["environment"]["KOODTX_GRAFANA_USER"] == "koodtx_grafana"
    assert not any(f"secret of {name}" in str(grafana) for name in _SECRETS)


def test_files_that_compose_mounts_are_there() -> None:
    for service in _services("observe").values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith("/") or Path(source).exists(), source


@pytest.mark.parametrize("missing", _SECRETS)
def test_a_missing_secret_is_named(missing: str) -> None:
    config = _config(set(_SECRETS) - {missing})

    assert config.returncode != 0
    assert "set it in .env" in config.stderr


def _services(*profiles: str) -> dict[str, Any]:
    """Those that start with these profiles."""
    config = _config(set(_SECRETS), *(f"--profile={profile}" for profile in profiles))
    assert config.returncode == 0, config.stderr
    services: dict[str, Any] = yaml.safe_load(config.stdout)["services"]
    # Some versions also show those that would not start.
    return {
        name: service
        for name, service in services.items()
        if "profiles" not in service or set(service["profiles"]) & set(profiles)
    }


def _config(secrets: set[str], *options: str) -> subprocess.CompletedProcess[str]:
    """`docker-compose config` with these secrets, and none of this machine's."""
    env = {"PATH": "/usr/bin:/bin:/usr/local/bin"} | {name: f"secret of {name}" for name in secrets}
    with tempfile.NamedTemporaryFile() as no_env:
        file = str(ROOT / "docker-compose.yml")
        command = ["docker-compose", "--env-file", no_env.name, "--file", file, *options, "config"]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
