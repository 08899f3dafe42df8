"""The SQL of docs/analysts.md with the answers that are shown below it, and what they are compared with."""

import json
import math
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from tests.docs.pages import rows

PAGE = "docs/analysts.md"
DIFFERS = "..."
_DIGITS = 6

_QUESTION = re.compile(r"^```sql\n(.*?)^```\n(\n(?:^\|[^\n]*\n)+)?", re.MULTILINE | re.DOTALL)

Answer = list[list[str]]
Ask = Callable[[str], tuple[list[str], list[tuple[Any, ...]]]]


class Question(NamedTuple):
    """A query of the page; `answer`: the head and the rows of the table below it."""

    heading: str
    sql: str
    answer: Answer


def questions(page: str) -> list[Question]:
    """In their order."""
    found = []
    for match in _QUESTION.finditer(page):
        heading = re.findall(r"^## (.*)$", page[: match.start()], re.MULTILINE)[-1]
        lines = (match[2] or "").strip().splitlines()
        head = [cell.strip() for cell in lines[0].strip("|").split(" | ")] if lines else []
        found.append(Question(heading, match[1], [head, *rows(match[2] or "")]))
    return found


def answered(page: str, ask: Ask) -> str:
    """Returns the page with new tables, except those with cells that differ at each run."""

    def renew(match: re.Match[str]) -> str:
        if DIFFERS in (match[2] or ""):
            return match[0]
        head, *lines = shown(ask, match[1])
        head_line, *row_lines = (f"| {' | '.join(line)} |\n" for line in [head, *lines])
        ruler = f"|{'---|' * len(head)}\n"
        return f"```sql\n{match[1]}```\n\n" + "".join([head_line, ruler, *row_lines])

    return _QUESTION.sub(renew, page)


def shown(ask: Ask, sql: str) -> Answer:
    """Head and rows of an answer, as the page writes them."""
    names, found = ask(sql)
    return [names, *([_cell(value) for value in row] for row in found)]


def alike(documented: Answer, actual: Answer) -> bool:
    """Numbers may differ in the last digit that is shown."""
    if [len(row) for row in documented] != [len(row) for row in actual]:
        return False
    pairs = zip(documented, actual, strict=True)
    return all(_is_alike(cell, other) for row, now in pairs for cell, other in zip(row, now, strict=True))


def _is_alike(documented: str, actual: str) -> bool:
    if documented in (DIFFERS, actual):
        return True
    try:
        return math.isclose(float(documented), float(actual), rel_tol=2 * 10**-_DIGITS)
    except ValueError:
        return False


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}".rstrip("0").rstrip(".") + f"{value:%z}"[:3]
    if isinstance(value, dict | list):
        return f"`{json.dumps(_rounded(value))}`"
    return str(_rounded(value))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, float | Decimal):
        short = float(f"{value:.{_DIGITS}g}")
        return int(short) if short.is_integer() else short
    return value
