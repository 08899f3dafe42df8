"""What a killed PostgreSQL leaves behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from koodtx.processes import orphans

pytestmark = [pytest.mark.unit, pytest.mark.skipif(sys.platform != "linux", reason="copies a program of Linux")]


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    """A data folder, and beside it a program that calls itself postgres."""
    program = tmp_path / "postgres"
    program.write_bytes(Path("/bin/sleep").read_bytes())
    program.chmod(0o755)
    cluster = tmp_path / "data"
    cluster.mkdir()
    return cluster


def test_processes_in_the_folder_are_ended_and_no_others(cluster: Path) -> None:
    program = cluster.parent / "postgres"
    with (
        subprocess.Popen([program, "60"], cwd=cluster) as orphan,
        subprocess.Popen([program, "60"], cwd=cluster.parent) as elsewhere,
        subprocess.Popen(["sleep", "60"], cwd=cluster) as other,
    ):
        orphans.end_all(cluster)
        assert orphan.wait(5) == -9
        assert elsewhere.poll() is None
        assert other.poll() is None
        elsewhere.kill()
        other.kill()


def test_server_that_the_pid_file_names_is_stopped_first(cluster: Path) -> None:
    with subprocess.Popen([cluster.parent / "postgres", "60"], cwd=cluster) as server:
        (cluster / "postmaster.pid").write_text(f"{server.pid}\n{cluster}\n")
        orphans.remove_stale_pid_file(cluster)
        assert (cluster / "postmaster.pid").exists(), "it runs"
        orphans.end_all(cluster)
        assert server.wait(5) == -2
    orphans.remove_stale_pid_file(cluster)
    assert not (cluster / "postmaster.pid").exists()
