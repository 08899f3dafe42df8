"""The documents, and the pieces of them that tests need."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (ROOT / name).read_text()


def all_pages() -> list[str]:
    """Every document, by its path in the project."""
    folders = ROOT.glob("*.md"), (ROOT / "docs").rglob("*.md"), (ROOT / "deploy").glob("*.md")
    return sorted(str(path.relative_to(ROOT)) for paths in folders for path in paths)


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and text of each fenced block."""
    return _BLOCK.findall(text)


def headings(text: str) -> list[str]:
    """Each heading's level, as its number signs, and its words."""
    return re.findall(r"^#+ .*$", _BLOCK.sub("", text), re.MULTILINE)


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, heads and rulers left out."""
    lines = re.findall(r"^\|.*\|$", text, re.MULTILINE)
    tables = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    heads = [number - 1 for number, line in enumerate(lines) if set(line) <= set("|-: ")]
    return [row for number, row in enumerate(tables) if number not in heads and number - 1 not in heads]
