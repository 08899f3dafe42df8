"""The folder where unpacked servers are kept: fetched once, used by every later start."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from koodtx.embedded.errors import Unavailable
from koodtx.processes.locks import folder_lock, try_lock
from koodtx.processes.server_user import make_public_folder

_ROOT_CACHE = Path("/var/cache/koodtx")
_LOCK_WAIT_S = 300


def cache_folder() -> Path:
    """Root's is in /var/cache, since the user that runs PostgreSQL for root cannot enter root's home."""
    if os.geteuid() == 0:
        return _ROOT_CACHE
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "koodtx"


def kept(name: str) -> Path | None:
    """The complete folder `name` in this user's cache, or in root's, which every user may read and only root writes."""
    mine = cache_folder() / name
    if mine.is_dir():
        return mine
    roots = _ROOT_CACHE / name
    return roots if roots.is_dir() and roots.stat().st_uid == 0 else None


@contextmanager
def locked_cache(say: Callable[[str], None]) -> Iterator[None]:
    """Makes the cache folder and locks it; removes what an interrupted fetch left behind.

    Raises Unavailable if the folder cannot be written or another process keeps the lock for 5 minutes.
    """
    folder = cache_folder()
    try:
        make_public_folder(folder)
        lock = folder_lock(folder)
        if not try_lock(lock):
            say(f"Waiting for another koodtx that fills {folder} ...")
            if not try_lock(lock, _LOCK_WAIT_S):
                raise Unavailable(f"another koodtx has kept {folder} locked for {_LOCK_WAIT_S} s")
    except OSError as error:
        raise Unavailable(f"cannot write to the cache folder {folder}: {error.strerror}") from error
    try:
        for draft in folder.glob(".draft-*"):
            shutil.rmtree(draft, ignore_errors=True)
        yield
    finally:
        lock.release()


def draft_folder(name: str) -> Path:
    """A new empty folder in the cache, to be filled under the lock and then moved into place by `rename`."""
    draft = cache_folder() / f".draft-{name}"
    draft.mkdir()
    draft.chmod(0o755)
    return draft
