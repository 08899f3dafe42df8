"""The user that a private server runs as.

PostgreSQL refuses to run as root, and Redis does not need to. When root starts them, both run as an unprivileged user,
who owns their folders in /var/lib/koodtx and runs programs from /var/cache/koodtx: that user may not be able to enter
any other folder.
"""

import os
import pwd
import tempfile
from pathlib import Path

import msgspec

from koodtx.processes.errors import ProcessFailed

ROOT_DATA = Path("/var/lib/koodtx")
_CANDIDATES = ("postgres", "nobody")


class ServerUser(msgspec.Struct, frozen=True):
    """A user other than the current one, which is root."""

    name: str
    uid: int
    gid: int


def server_user() -> ServerUser | None:
    """`postgres` or `nobody` for root; None for everybody else, whose servers run as themselves."""
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ProcessFailed("PostgreSQL does not run as root, and there is no user postgres or nobody: useradd postgres")


def own_folder(data_dir: Path, name: str) -> Path:
    """Where the server `name` of a data folder keeps its files: `data_dir/name`.

    For root that is a link to a new folder in /var/lib/koodtx.
    """
    folder = data_dir / name
    if os.geteuid() == 0 and not folder.exists():
        make_public_folder(ROOT_DATA)
        # A link whose folder was deleted.
        folder.unlink(missing_ok=True)
        folder.symlink_to(tempfile.mkdtemp(prefix=f"{name}-", dir=ROOT_DATA))
    return folder.resolve()


def take_folder(folder: Path) -> ServerUser | None:
    """Makes the folder of a server, mode 0700; returns the user that runs it. One that exists keeps its owner.

    Raises ProcessFailed if it belongs to another user, or if root has other files in it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.stat()
    except OSError as error:
        raise ProcessFailed(f"Cannot use the data folder {folder}: {error.strerror}. Choose another.") from error
    if os.geteuid() != 0:
        if owner.st_uid != os.geteuid():
            raise ProcessFailed(f"{folder} belongs to another user: run as that user, or choose another data folder.")
        return None
    if owner.st_uid != 0:
        return ServerUser(_name_of(owner.st_uid), owner.st_uid, owner.st_gid)
    if any(folder.iterdir()):
        raise ProcessFailed(f"{folder} holds files of root that are not a server's: choose another data folder.")
    user = server_user()
    assert user is not None
    os.chown(folder, user.uid, user.gid)
    folder.chmod(0o700)
    return user


def make_public_folder(folder: Path) -> None:
    """Makes a folder that every user may enter, whatever the umask. An existing one is not changed."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
