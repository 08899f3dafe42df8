"""apt with a configuration of its own: any user can fetch Debian packages, and the machine's apt stays unchanged."""

import math
import os
import pwd
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from koodtx.embedded.errors import Unavailable
from koodtx.processes.child import run_bounded
from koodtx.processes.errors import ProcessFailed

_KEYRINGS = ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")
_AT_ONCE = 10

# A network that drops all packets is noticed here.
_UPDATE_LIMIT_S = 45.0
_SOURCES_LIMIT_S = 20.0

# Fields of apt's own list of what `apt-get update` would fetch, with the files or without.
_SOURCE = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)"

# Read after the machine's own configuration, whose proxies and credentials stay in force and whose hooks do not.
_CONFIGURATION = """\
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::State "{folder}";
Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
Dir::Cache::archives "{folder}/archives";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "{folder}/none";
Dir::Etc::preferences "{folder}/none/preferences";
Dir::Etc::preferencesparts "{folder}/none";
APT::Sandbox::User "{user}";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "15";
Acquire::https::Timeout "15";
"""


class Mirrors(msgspec.Struct, frozen=True):
    """URIs of Debian's main archive and, if the machine uses it, of the security archive."""

    main: str
    security: str | None


def find_mirrors(codename: str) -> Mirrors | None:
    """The mirrors that a Debian `codename` uses itself, by its apt sources; None if they name no Debian archive.

    An archive that is not Debian's but has the same names cannot be told apart here: Debian's key does not fit it.
    """
    command = ["apt-get", "indextargets", "--no-release-info", "--format", _SOURCE, "Created-By: Packages"]
    try:
        lines = run_bounded(command, limit_s=_SOURCES_LIMIT_S).splitlines()
    except ProcessFailed:
        return None
    sources = [line.split("|") for line in lines if not line.startswith("cdrom:")]
    main = {release: uri for uri, release, component in reversed(sources) if component == "main"}
    return Mirrors(main[codename], main.get(f"{codename}-security")) if codename in main else None


class PrivateApt:
    """Knows one Debian suite, and nothing of what is installed on this machine.

    `time_left` returns the seconds that remain for everything. Every method raises Unavailable if apt fails.
    """

    def __init__(self, folder: Path, mirrors: Mirrors, suite: str, time_left: Callable[[], float]) -> None:
        self._folder = folder
        self._time_left = time_left
        for name in ("lists/partial", "archives/partial", "none", "debs"):
            (folder / name).mkdir(parents=True)
        (folder / "status").touch()
        (folder / "sources.list").write_text(_source_lines(mirrors, suite))
        user = pwd.getpwuid(os.geteuid()).pw_name
        (folder / "apt.conf").write_text(_CONFIGURATION.format(folder=folder, user=user))

    def update(self) -> None:
        """Fetches the lists of packages; signatures are checked."""
        self._run("apt-get", "update", "--error-on=any", limit_s=_UPDATE_LIMIT_S)

    def names(self, prefix: str) -> list[str]:
        """Names of packages that begin with `prefix`."""
        return self._run("apt-cache", "pkgnames", prefix).split()

    def closure(self, wanted: Sequence[str]) -> list[str]:
        """`wanted` and everything they depend on, down to the C library."""
        plan = self._run("apt-get", "install", "--simulate", *wanted)
        return [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]

    def download(self, names: Sequence[str], say: Callable[[str], None]) -> list[Path]:
        """Fetches these packages, a few at a time so that progress can be shown."""
        target = self._folder / "debs"
        for done in range(0, len(names), _AT_ONCE):
            say(f"  package {done + 1} of {len(names)} ...")
            self._run("apt-get", "download", *names[done : done + _AT_ONCE], cwd=target)
        return sorted(target.glob("*.deb"))

    def _run(self, program: str, *arguments: str, cwd: Path = Path("/"), limit_s: float = math.inf) -> str:
        command: list[str | Path] = [program, "-q", "-c", self._folder / "apt.conf", *arguments]
        try:
            return run_bounded(command, limit_s=min(limit_s, self._time_left()), cwd=cwd)
        except ProcessFailed as error:
            # The first line is the cause, the others are consequences.
            raise Unavailable(str(error).split(" | ")[0]) from error


def _source_lines(mirrors: Mirrors, suite: str) -> str:
    keyring = next((path for name in _KEYRINGS if (path := Path("/usr/share/keyrings") / name).exists()), None)
    if keyring is None:
        raise Unavailable("Debian's keys are missing (apt-get install debian-archive-keyring)")
    lines = [f"deb [signed-by={keyring}] {mirrors.main} {suite} main"]
    if mirrors.security:
        lines.append(f"deb [signed-by={keyring}] {mirrors.security} {suite}-security main")
    return "\n".join(lines) + "\n"
