"""Where a machine gets Debian from, by its own apt sources."""

import shutil
from pathlib import Path

import pytest

from koodtx.embedded.apt import Mirrors, find_mirrors

pytestmark = [pytest.mark.unit, pytest.mark.skipif(not shutil.which("apt-get"), reason="no apt is on this machine")]

LIST = """\
# deb cdrom:[Debian GNU/Linux 12]/ bookworm main
deb cdrom:[Debian]/ bookworm main
deb http://mirror.example.org/debian bookworm main contrib # a comment
deb-src http://mirror.example.org/debian bookworm main
deb http://security.example.org/debian-security bookworm-security main
deb [arch=amd64] https://other.example.org/debian bookworm main
"""

DEB822 = """\
# Written by an installer
Types: deb deb-src
# http://snapshot.example.org/archive
URIs: http://mirror.example.org/debian
Suites: trixie trixie-updates
Components: main
 contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://security.example.org/debian-security
Suites: trixie-security
Components: main

Types: deb
Enabled: no
URIs: http://old.example.org/debian
Suites: trixie
Components: main
"""


@pytest.fixture
def etc_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty /etc/apt, and no downloaded lists, as in a fresh container."""
    for name in ("sources.list.d", "lists/partial"):
        (tmp_path / name).mkdir(parents=True)
    configuration = tmp_path / "apt.conf"
    configuration.write_text(
        f'Dir::Etc::sourcelist "{tmp_path}/sources.list";\n'
        f'Dir::Etc::sourceparts "{tmp_path}/sources.list.d";\n'
        f'Dir::State::lists "{tmp_path}/lists";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(configuration))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text", "codename"),
    [("sources.list", LIST, "bookworm"), ("sources.list.d/debian.sources", DEB822, "trixie")],
    ids=["one-line form", "stanzas"],
)
def test_mirrors_are_those_of_the_machine(etc_apt: Path, name: str, text: str, codename: str) -> None:
    (etc_apt / name).write_text(text)
    (etc_apt / "sources.list.d/zz.save").write_text("deb http://not.example.org/debian bookworm main")
    expected = Mirrors("http://mirror.example.org/debian/", "http://security.example.org/debian-security/")
    assert find_mirrors(codename) == expected
    assert find_mirrors("sid") is None


def test_without_a_security_archive(etc_apt: Path) -> None:
    (etc_apt / "sources.list").write_text("deb http://mirror.example.org/debian bookworm main\n")
    assert find_mirrors("bookworm") == Mirrors("http://mirror.example.org/debian/", None)


@pytest.mark.parametrize("text", ["", "deb http://mirror.example.org/debian bookworm contrib\n", "not a source\n"])
def test_without_debian(etc_apt: Path, text: str) -> None:
    (etc_apt / "sources.list").write_text(text)
    assert find_mirrors("bookworm") is None
