"""Processes as Linux shows them: whose child one is, what it serves, how much memory it holds."""

from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_MIB = 2**20


def children(parent: int) -> list[int]:
    """Living children of a process."""
    return [pid for pid in _all() if _status(pid).get("PPid") == str(parent) and arguments(pid)]


def processes_of(folder: Path) -> dict[int, str]:
    """Living processes that have to do with `folder`: by arguments, environment or working folder."""
    wanted = str(folder)
    return {pid: words for pid in _all() if (words := arguments(pid)) and wanted in _traces(pid)}


def arguments(pid: int) -> str:
    """The command line; empty for a process that is gone or has ended and is not yet waited for."""
    return _text(pid, "cmdline").replace("\0", " ").strip()


def memory_mib(pid: int) -> float:
    """What the process holds in memory and shares with no other."""
    lines = dict(line.split(":", 1) for line in _text(pid, "smaps_rollup").splitlines()[1:])
    return sum(int(lines[name].split()[0]) for name in ("Private_Clean", "Private_Dirty")) * 1024 / _MIB


def open_files(pid: int) -> int:
    """How many files and sockets the process has open."""
    return sum(1 for _ in (_PROC / str(pid) / "fd").iterdir())


def _all() -> Iterator[int]:
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())


def _traces(pid: int) -> str:
    try:
        folder = str((_PROC / str(pid) / "cwd").readlink())
    except OSError:
        folder = ""
    return "\n".join((arguments(pid), _text(pid, "environ"), folder))


def _status(pid: int) -> dict[str, str]:
    pairs = (line.partition(":") for line in _text(pid, "status").splitlines())
    return {name: value.strip() for name, _, value in pairs}


def _text(pid: int, name: str) -> str:
    """Empty when the process has gone meanwhile."""
    try:
        return (_PROC / str(pid) / name).read_text(errors="replace")
    except OSError:
        return ""
