"""No document points at something that is not there."""

import re

import pytest

from tests.docs.pages import ROOT, all_pages, blocks, headings, read
from tools import settings_page

pytestmark = pytest.mark.unit

_LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", all_pages())
def test_every_link_within_the_project_leads_somewhere(page: str) -> None:
    for link in _LINK.findall(read(page)):
        path, _, anchor = link.partition("#")
        if path.startswith(("http://", "https://")):
            continue
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        if anchor:
            assert anchor in [_anchor(heading) for heading in headings(target.read_text())], link


@pytest.mark.parametrize("page", all_pages())
def test_every_folder_and_file_that_a_command_or_map_names_is_there(page: str) -> None:
    for path in re.findall(r"`((?:koodtx|sql|migrations|tests|docs|deploy|examples|bench)/[\w./-]*)`", read(page)):
        assert (ROOT / path).exists(), path


def test_every_make_target_that_a_document_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    text = "\n".join(read(page) for page in all_pages())
    named = set(re.findall(r"`make ([a-z-]+)", text)) | set(
        re.findall(r"^make ([a-z-]+)", "\n".join(block for _, block in blocks(text)), re.MULTILINE)
    )

    assert named >= {"demo", "test"}
    assert named <= targets


def test_pages_made_from_the_settings_are_current() -> None:
    assert read("docs/settings.md") == settings_page.markdown()
    assert read(".env.example") == settings_page.env_example()


def _anchor(heading: str) -> str:
    words = heading.lstrip("#").strip().lower()
    return re.sub(r"[^\w -]", "", words).replace(" ", "-")
