"""Which user runs the servers, and where their data are."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from koodtx.processes.errors import ProcessFailed
from koodtx.processes.server_user import ServerUser, own_folder, server_user, take_folder

pytestmark = pytest.mark.unit

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another user")


@pytest.fixture
def user() -> ServerUser:
    found = server_user()
    assert found is not None
    return found


@pytest.fixture
def roots_folder(tmp_path: Path) -> Iterator[Path]:
    """What root's data folder, closed to others, gives to a server."""
    tmp_path.chmod(0o700)
    folder = own_folder(tmp_path, "server")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@as_root
def test_roots_server_has_a_folder_that_its_user_can_enter(
    roots_folder: Path, tmp_path: Path, user: ServerUser
) -> None:
    assert roots_folder.parent == Path("/var/lib/koodtx")
    assert take_folder(roots_folder) == user
    assert roots_folder.stat().st_uid == user.uid
    assert roots_folder.stat().st_mode & 0o777 == 0o700
    command = ["touch", roots_folder / "file"]
    subprocess.run(command, user=user.uid, group=user.gid, extra_groups=[], cwd="/", check=True)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@as_root
def test_roots_server_finds_its_folder_again(roots_folder: Path, tmp_path: Path, user: ServerUser) -> None:
    take_folder(roots_folder)
    (roots_folder / "file").touch()
    assert own_folder(tmp_path, "server") == roots_folder
    assert take_folder(roots_folder) == user
    shutil.rmtree(roots_folder)
    again = own_folder(tmp_path, "server")
    try:
        assert again.is_dir()
        assert again != roots_folder
    finally:
        again.rmdir()


@as_root
def test_roots_own_files_are_not_given_away(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ProcessFailed, match="choose another data folder"):
        take_folder(tmp_path)
    assert tmp_path.stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root runs servers as another user")
def test_server_of_an_ordinary_user_runs_as_that_user(tmp_path: Path) -> None:
    assert own_folder(tmp_path, "server") == tmp_path / "server"
    assert take_folder(tmp_path / "server") is None
    assert (tmp_path / "server").stat().st_mode & 0o777 == 0o700


@as_root
def test_data_of_another_user_are_refused(folder: Path, user: ServerUser) -> None:
    take_folder(folder / "server")
    program = "import sys; from pathlib import Path; from koodtx.processes.server_user import take_folder;"
    done = _run_as(12345, program + "take_folder(Path(sys.argv[1]))", folder / "server")
    assert "belongs to another user" in done.stderr


def _run_as(uid: int, program: str, *arguments: Path) -> "subprocess.CompletedProcess[str]":
    """Skips the test if that user cannot run this Python."""
    command = [sys.executable, "-c", program, *arguments]
    try:
        return subprocess.run(
            command, user=uid, group=uid, extra_groups=[], cwd="/", capture_output=True, text=True, check=False
        )
    except PermissionError:
        pytest.skip("this Python is in a folder that other users cannot enter")
