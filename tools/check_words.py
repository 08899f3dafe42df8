"""Reports words and turns of phrase that docs/glossary.md replaces: `python tools/check_words.py [FILE ...]`.

codespell checks single words against tools/words.txt. This script adds what codespell cannot see: phrases of several
words, also across a line break, and listed words inside identifiers (`is_sealed`, `DueTick`). Without arguments it
checks the whole project. Prints `file:line: found -> suggestion` per finding; the exit code is 1 if there is any.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
SUFFIXES = {".py", ".sql", ".md", ".txt", ".toml", ".yml", ".yaml", ".json", ".example", ".sh", ".cfg", ".html", ".js"}
NAMES = {"Makefile", "Dockerfile", "run"}
# Folders of measured data and of other people's work, and hidden folders other than .ci.
SKIPPED_FOLDERS = ("tests/data", "examples/sensorlogger_ethz", "htmlcov", "build", "dist")
# These files name the words in order to replace them.
SKIPPED_FILES = {"docs/glossary.md", "tools/words.txt", "tools/check_words.py", "tests/docs/test_words.py"}
# Names in the data of others.
_QUOTED_NAMES = {"STANDING_UP"}

# Units that "per" belongs before: "a row per sensor", "60 pushes per minute".
_UNITS = (
    "second|minute|hour|day|week|month|year|sensor|session|device|user|account|address|owner|person|name|type|axis|bucket"
    "|chunk|block|batch|push|pull|request|query|statement|reading|row|line|page|file|process|connection|worker|job|task|run"
    "|test|step|slice|message|column|table"
)
_COUNTED = (
    "rows?|lines?|pages?|files?|bytes|MB|KB|GB|times|once|twice|one|number|readings?|pushes|pulls|requests|messages|chunks?"
    "|connections?|process(?:es)?|queries|statements?|transactions?|jobs|sessions|objects?|attempts|backups|dumps?"
)

# Regular expression -> suggestion. A space also matches a line break, with the mark of a comment after it.
PHRASES = {
    rf"\b(?:(?:{_COUNTED})|\d+(?:,\d+)*) an? (?:{_UNITS})\b": "per instead of a",
    r"\bfor ever\b": "permanently",
    r"\bthe bell\b": "the notification",
    r"\bowner'?s clock\b|\bclock of (?:its|the|their) owner\b": "change sequence",
    r"(?<!here\s)\b(?:is|are|was|were) no "
    r"(?!longer|more|less|later|earlier|faster|slower|larger|smaller|different|use|reason|need)": "is not (valid)",
    r"\b(?:tells?|told)\b(?!(?: \w+)? apart)": "reports, returns, shows, is notified",
    r"\bwho asks\b": "the caller",
    r"\b(?:of|from|by) ours\b": "our, KooDTX's",
    r"\b(?:go|goes|gone|going|went) on (?:with|where)\b": "continues, resumes",
    r"\b(?:lets?|letting) go\b": "release",
    r"\b(?:is|are|was|were) said\b|\bsaid nothing\b|\bwithout saying\b": "is printed, is reported",
    r"\b(?:lies?|lay|lain|lying) (?:in|beside|there)\b(?! the (?:future|past))": "is, is stored",
    r"\bmore (?:goes )?than (?:is )?usual,? (?:is|which)\b|\bthan is usual\b": "more than usual",
    r"\bif that is meant\b": "if that is intended",
    r"\b(?:is|are|was|were) begun\b|\bbegun again\b": "is started",
    r"\b(?:is|are|was|were) made up\b|\bmade up for\b": "is executed later, catch-up",
    r"\bleast and greatest\b": "minimum and maximum",
    r"\bof before\b": "earlier",
    r"\bby whom\b": "the user who",
    r"\bit took longer than it may\b": "timed out after {n} s",
    r"\bno such thing\b": "not found, does not exist",
    r"\bas it should be\b": "as expected",
    r"\b(?:take|takes|taken|took) along\b": "include, delete with",
    r"\bmade (?:again|new) (?:when|whenever|after)\b": "recreated",
    r"\btwo kinds of SQL\b": "versioned and repeatable migrations",
    r"\bhow far it is\b": "its progress",
}

_GAP = r"(?:[ ]|\n[ ]*(?:#|--|//|>)?[ ]*)"
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_IDENTIFIERS = re.compile(r"\b\w*(?:_|[a-z][A-Z])\w*\b", re.ASCII)


class Finding(NamedTuple):
    line: int
    found: str
    suggestion: str


def findings(text: str) -> list[Finding]:
    """Returns what is to be replaced in a text, in the order of lines."""
    return sorted({*_phrases(text), *_identifier_parts(text)})


def files(root: Path = ROOT) -> Iterator[Path]:
    """Yields every text file of the project that people write."""
    for path in sorted(root.iterdir()):
        name = path.relative_to(ROOT).as_posix()
        if path.is_dir():
            is_hidden = path.name.startswith(".") and path.name != ".ci"
            if not is_hidden and path.name != "__pycache__" and name not in SKIPPED_FOLDERS:
                yield from files(path)
        elif (path.suffix in SUFFIXES or path.name in NAMES) and name not in SKIPPED_FILES:
            yield path


def _phrases(text: str) -> Iterator[Finding]:
    for pattern, suggestion in _compiled():
        for match in pattern.finditer(text):
            yield Finding(text.count("\n", 0, match.start()) + 1, " ".join(match[0].split()), suggestion)


def _compiled() -> Iterator[tuple[re.Pattern[str], str]]:
    for phrase, suggestion in PHRASES.items():
        yield re.compile(phrase.replace(" ", _GAP), re.IGNORECASE), suggestion


def _identifier_parts(text: str) -> Iterator[Finding]:
    words = dictionary()
    for number, line in enumerate(text.splitlines(), 1):
        for identifier in set(_IDENTIFIERS.findall(line)) - _QUOTED_NAMES:
            for part in _PARTS.findall(identifier):
                if suggestion := words.get(part.lower()):
                    yield Finding(number, identifier, f"{part.lower()} -> {suggestion}")


def dictionary() -> dict[str, str]:
    """Returns the words of tools/words.txt with their replacements."""
    pairs = (line.split("->") for line in (ROOT / "tools" / "words.txt").read_text().splitlines())
    return {word: replacement.strip(" ,") for word, replacement in pairs}


def main(arguments: Iterable[str]) -> int:
    count = 0
    for path in [Path(name).resolve() for name in arguments] or files():
        for line, found, suggestion in findings(path.read_text(errors="replace")):
            print(f"{path.relative_to(ROOT)}:{line}: {found} -> {suggestion}")
            count += 1
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
