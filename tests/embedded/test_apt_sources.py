"""Both forms of apt's sources, as machines have them."""

from pathlib import Path

import pytest

from koodtx.embedded.apt_sources import Mirrors, Source, find_mirrors, parse_deb822, parse_list

pytestmark = pytest.mark.unit

LIST = """\
# deb cdrom:[Debian GNU/Linux 12]/ bookworm main
deb cdrom:[Debian]/ bookworm main
deb http://mirror.example.org/debian bookworm main contrib # ours
deb-src http://mirror.example.org/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/other.gpg] https://other.example.org/debian bookworm main

deb http://security.example.org/debian-security bookworm-security main
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

Types: deb
URIs: https://other.example.org/debian
Suites: trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQENBF
"""


def test_one_line_form() -> None:
    found = list(parse_list(LIST))
    assert found[1] == Source("http://mirror.example.org/debian", "bookworm", ("main", "contrib"))
    assert found[2].signed_by == "/usr/share/keyrings/other.gpg"
    assert len(found) == 4


def test_stanzas() -> None:
    found = list(parse_deb822(DEB822))
    key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    assert found[0] == Source("http://mirror.example.org/debian", "trixie", ("main", "contrib"), key)
    assert [source.suite for source in found] == ["trixie", "trixie-updates", "trixie-security", "trixie"]
    assert not found[3].is_debian


@pytest.mark.parametrize(
    ("name", "text", "codename"),
    [("sources.list", LIST, "bookworm"), ("sources.list.d/debian.sources", DEB822, "trixie")],
)
def test_mirrors_are_the_machines_own(tmp_path: Path, name: str, text: str, codename: str) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / name).write_text(text)
    (tmp_path / "sources.list.d/zz.save").write_text("deb http://not.example.org/debian bookworm main")
    expected = Mirrors("http://mirror.example.org/debian", "http://security.example.org/debian-security")
    assert find_mirrors(codename, tmp_path) == expected
    assert find_mirrors("sid", tmp_path) is None


def test_without_sources(tmp_path: Path) -> None:
    assert find_mirrors("bookworm", tmp_path) is None
