"""Where this machine gets Debian from: the mirrors in its own apt sources, in both of apt's forms."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

_ETC_APT = Path("/etc/apt")
_ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.+)$")


class Source(msgspec.Struct, frozen=True):
    """One suite of one archive. `signed_by` is empty where the source names no key."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""

    @property
    def is_debian(self) -> bool:
        """Whether it may be Debian's own archive: others have keys of their own, or no component main."""
        return "main" in self.components and "debian-archive" in (self.signed_by or "debian-archive")


class Mirrors(msgspec.Struct, frozen=True):
    """URIs of the main archive and, where the machine has it, of the security archive."""

    main: str
    security: str | None


def find_mirrors(codename: str, folder: Path = _ETC_APT) -> Mirrors | None:
    """The mirrors that a Debian `codename` uses itself; None when its sources name no Debian archive."""
    sources = [source for source in read_sources(folder) if source.is_debian and not source.uri.startswith("cdrom:")]
    main = next((source.uri for source in sources if source.suite == codename), None)
    security = next((source.uri for source in sources if source.suite == f"{codename}-security"), None)
    return Mirrors(main, security) if main else None


def read_sources(folder: Path = _ETC_APT) -> list[Source]:
    """All enabled binary sources, in apt's order. Files that cannot be read are passed over."""
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    found: list[Source] = []
    for file in files:
        try:
            text = file.read_text(errors="replace")
        except OSError:
            continue
        if file.suffix == ".list":
            found.extend(parse_list(text))
        elif file.suffix == ".sources":
            found.extend(parse_deb822(text))
    return found


def parse_list(text: str) -> Iterator[Source]:
    """The one-line form: `deb [signed-by=...] uri suite component...`."""
    for line in text.splitlines():
        match = _ONE_LINE.match(line.split("#", 1)[0].strip())
        if match:
            options = dict(option.partition("=")[::2] for option in (match["options"] or "").split())
            components = tuple(match["components"].split())
            yield Source(match["uri"], match["suite"], components, options.get("signed-by", ""))


def parse_deb822(text: str) -> Iterator[Source]:
    """The form of stanzas: `Types: deb`, `URIs: ...`, `Suites: ...`, `Components: ...`."""
    for stanza in re.split(r"\n\s*\n", text):
        fields = _fields(stanza)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false"):
            continue
        components = tuple(fields.get("components", "").split())
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Source(uri, suite, components, fields.get("signed-by", "").strip())


def _fields(stanza: str) -> dict[str, str]:
    """Fields by lower-case name; a line that begins with a blank continues the field before."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace() and name:
            fields[name] += "\n" + line.strip()
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields
