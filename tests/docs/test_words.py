"""The word list of docs/glossary.md: what the check finds, and that the project is free of it."""

import re

import pytest

from tests.docs.pages import read
from tools import check_words

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "A row a sensor.",
        "60 pushes a minute",
        "-- how many pushes a\n-- minute",
        "# kept for\n    # ever",
        "the body is no JSON",
        "it is told of it",
        "a run is gone on with",
        "who asks may see it",
        "not one of ours",
        "the owner's clock",
        "is_sealed = True",
        "class DueTick:",
    ],
)
def test_a_replaced_phrase_is_found(text: str) -> None:
    assert len(check_words.findings(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "A row per sensor.",
        "there is no job of this name",
        "the job is no longer running",
        "a reading that lies in the future",
        "tell them apart",
        "run a task",
        "a ticket for a socket",
        "the stringing of readings",
    ],
)
def test_plain_english_is_left_alone(text: str) -> None:
    assert check_words.findings(text) == []


def test_a_finding_names_its_line() -> None:
    assert [finding.line for finding in check_words.findings("one\ntwo\nkept for ever\n")] == [3]


def test_every_word_of_the_list_has_a_replacement() -> None:
    words = check_words.dictionary()
    assert len(words) > 50
    assert all(words.values())


def test_every_replaced_term_of_the_glossary_is_checked() -> None:
    replaced = re.findall(r"\*\*(.+?)\*\*", read("docs/glossary.md").split("## Replaced words")[1])
    assert len(replaced) > 20
    for term in replaced:
        assert term in check_words.dictionary() or check_words.findings(term), term


def test_the_project_uses_no_replaced_word(capsys: pytest.CaptureFixture[str]) -> None:
    found = check_words.main([])
    assert found == 0, capsys.readouterr().out
