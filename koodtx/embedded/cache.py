"""The folder where unpacked servers are kept: fetched once, used by every later start."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from koodtx.embedded import UnavailableError
from koodtx.embedded.account import open_folder
from koodtx.embedded.locks import FolderLock

_ROOTS_CACHE = Path("/var/cache/koodtx")
_LOCK_WAIT_S = 300


def cache_folder() -> Path:
    """Root's is in /var/cache, since the user that runs PostgreSQL for root cannot enter root's home."""
    if os.geteuid() == 0:
        return _ROOTS_CACHE
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "koodtx"


def kept(name: str) -> Path | None:
    """The whole folder `name` in our cache, or in root's, which every user may read and only root can write."""
    mine = cache_folder() / name
    if mine.is_dir():
        return mine
    roots = _ROOTS_CACHE / name
    return roots if roots.is_dir() and roots.stat().st_uid == 0 else None


def locked_cache(say: Callable[[str], None]) -> FolderLock:
    """Make the cache folder and lock it; what an interrupted fetch left behind is cleared away.

    Raises UnavailableError when the folder cannot be written or another process keeps the lock for 5 minutes.
    """
    folder = cache_folder()
    try:
        open_folder(folder)
        lock = FolderLock(folder)
        if not lock.take():
            say(f"Waiting for another koodtx that fills {folder} ...")
        if not lock.take(_LOCK_WAIT_S):
            raise UnavailableError(f"another koodtx has been busy in {folder} for {_LOCK_WAIT_S} s")
        for leftover in folder.glob(".draft-*"):
            shutil.rmtree(leftover, ignore_errors=True)
    except OSError as error:
        raise UnavailableError(f"cannot write to the cache folder {folder}: {error.strerror}") from error
    return lock


def draft_folder(name: str) -> Path:
    """A new empty folder in the cache, to be filled under the lock and then moved into place by `rename`."""
    draft = cache_folder() / f".draft-{name}"
    draft.mkdir()
    draft.chmod(0o755)
    return draft
