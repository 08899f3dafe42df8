"""Locks on folders, which end with the process that holds them, however it ends."""

from pathlib import Path

from filelock import FileLock, Timeout


def folder_lock(folder: Path) -> FileLock:
    """An exclusive lock on `folder`: the file `lock` in it, which stays there. Not yet taken."""
    return FileLock(folder / "lock", mode=0o600, thread_local=False)


def try_lock(lock: FileLock, wait_s: float = 0) -> bool:
    """Takes the lock within `wait_s` seconds; False if another process holds it. One that is held stays held."""
    if lock.is_locked:
        return True
    try:
        lock.acquire(timeout=wait_s)
    except Timeout:
        return False
    return True
