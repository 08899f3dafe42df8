"""Which user a private server runs as, and where its data can lie.

PostgreSQL refuses to run as root, and Redis has no need to. Started by root, both run as another user, whose way to
binaries and data must be open; where it is not, these go to /var/cache and /var/lib. Rights of folders that are not
ours are never changed.
"""

import hashlib
import os
import pwd
import subprocess
from pathlib import Path

import msgspec

from koodtx.embedded import EmbeddedError

_ROOTS_DATA = Path("/var/lib/koodtx")


class Account(msgspec.Struct, frozen=True):
    """A user other than ourselves, whom only root can act as."""

    name: str
    uid: int
    gid: int


class Home(msgspec.Struct, frozen=True):
    """The folder of one server, and the account that runs it (None: ourselves)."""

    folder: Path
    account: Account | None


def server_account() -> Account | None:
    """`postgres` or `nobody` when we are root, else None: the servers run as we do."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("PostgreSQL does not run as root, and there is no user postgres or nobody: useradd postgres")


def can_reach(path: Path, account: Account | None) -> bool:
    """Whether the account may enter this folder or run this file. Asked of the system, which knows all rules."""
    if account is None:
        return os.access(path, os.X_OK)
    asked = subprocess.run(
        ["test", "-x", path], cwd="/", user=account.uid, group=account.gid, extra_groups=[], check=False
    )
    return asked.returncode == 0


def settle(wanted: Path) -> Home:
    """Make the folder of a server and say where it is: `wanted`, or for root one in /var/lib/koodtx.

    A folder that is there already stays where it is and keeps its owner. Raises EmbeddedError when it is not ours.
    """
    wanted = wanted.resolve()
    if os.geteuid() != 0:
        return Home(_own_folder(wanted), None)
    places = (wanted, _ROOTS_DATA / f"{wanted.name}-{hashlib.sha256(bytes(wanted)).hexdigest()[:10]}")
    for place in places:
        if place.exists() and place.stat().st_uid != 0:
            return _settled_before(place)
    account = server_account()
    wanted.parent.mkdir(parents=True, exist_ok=True)
    place = places[0] if can_reach(wanted.parent, account) else places[1]
    return _give(place, account)


def _own_folder(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.stat().st_uid
    except OSError as error:
        raise EmbeddedError(f"Cannot use the data folder {folder}: {error.strerror}. Choose another.") from error
    if owner != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to another user: run as that user, or choose another data folder.")
    return folder


def _settled_before(place: Path) -> Home:
    status = place.stat()
    account = Account(_name_of(status.st_uid), status.st_uid, status.st_gid)
    if not can_reach(place, account):
        raise EmbeddedError(f"{place} belongs to user {account.name}, who cannot reach it: open the way (chmod o+x).")
    return Home(place, account)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _give(place: Path, account: Account | None) -> Home:
    if place.parent == _ROOTS_DATA:
        open_folder(_ROOTS_DATA)
    place.mkdir(mode=0o700, exist_ok=True)
    if any(place.iterdir()):
        raise EmbeddedError(f"{place} holds files of root that are not a server's: choose another data folder.")
    if account is not None:
        os.chown(place, account.uid, account.gid)
        place.chmod(0o700)
    return Home(place, account)


def open_folder(folder: Path) -> None:
    """Make a folder of ours that every user may enter, whatever the umask. One that is there is left as it is."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)
