"""Cells of CSV files: RFC 4180, and harmless in Excel and LibreOffice."""

from datetime import datetime

# So that Excel takes the file as UTF-8.
BOM = "\N{BYTE ORDER MARK}".encode()
LINE_END = "\r\n"

# What a spreadsheet may take as the beginning of a formula (OWASP, "CSV Injection"), in full width too, and the
# apostrophe itself, so that removing one gives the text back.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "'", "＝", "＋", "－", "＠")  # noqa: RUF001
_TO_QUOTE = frozenset('",\r\n')


def text_cell(text: str) -> str:
    """A text. One that could be taken as a formula begins with an apostrophe, which makes it a text."""
    if text.startswith(_FORMULA):
        text = "'" + text
    return quoted(text) if _TO_QUOTE & set(text) or text != text.strip() else text


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def number_cell(number: float | None) -> str:
    """The shortest digits that give the same number back; empty for None."""
    return "" if number is None else repr(number)


def time_cell(at: datetime) -> str:
    """UTC, with microseconds, as the database and the API write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def line(cells: list[str]) -> str:
    return ",".join(cells) + LINE_END
