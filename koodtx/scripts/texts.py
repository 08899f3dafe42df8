"""Texts of the catalogue in one form, so that the same name typed on two systems is the same."""

import unicodedata

from koodtx.errors import invalid_field


def one_line(text: str, field: str, max_length: int) -> str:
    """Returns a name or title composed (NFC), with single spaces. Raises Invalid, naming the field."""
    return _checked(" ".join(composed(text).split()), field, max_length)


def some_text(text: str, field: str, max_length: int) -> str:
    """Returns a text of one or more lines, composed (NFC). Raises Invalid, naming the field."""
    return _checked(composed(text).strip(), field, max_length)


def optional_text(text: str, field: str, max_length: int) -> str:
    """The same, for a text that may be empty."""
    return some_text(text, field, max_length) if text.strip() else ""


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def searched(text: str | None) -> str | None:
    """Returns what to search for; None: anything."""
    return composed(text).strip() or None if text else None


def _checked(text: str, field: str, max_length: int) -> str:
    if not text:
        raise invalid_field(field, "must not be empty")
    # Composed, some letters are longer than they were.
    if len(text) > max_length:
        raise invalid_field(field, f"must have at most {max_length} characters")
    return text
