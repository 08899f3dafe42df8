"""Names of files that every file system takes, with letters of every script."""

import re
import unicodedata
from collections import Counter
from urllib.parse import quote

MAX_LENGTH = 50

# Letters, digits and marks of any script, and what no system gives a meaning to.
_PLAIN = frozenset("-_.()")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_name(text: str, extension: str, otherwise: str = "session") -> str:
    """Returns a name of at most 50 characters for a text that a client chose. `otherwise`: nothing of it is left."""
    composed = unicodedata.normalize("NFC", text)
    name = re.sub("_+", "_", "".join(char if _is_plain(char) else "_" for char in composed)).strip("_.-")
    if not any(char.isalnum() for char in name):
        name = otherwise
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    suffix = f".{extension}"
    return name[: MAX_LENGTH - len(suffix)].rstrip("_.") + suffix


def unique_names(texts: list[str], extension: str, otherwise: str) -> list[str]:
    """Returns a name for each text. No two are the same, in upper or lower case."""
    names: list[str] = []
    taken: set[str] = set()
    # Counting resumes where it stopped: a thousand names without a letter are a thousand times `otherwise`.
    last_numbers: Counter[str] = Counter()
    for text in texts:
        name = file_name(text, extension, otherwise)
        stem = name.removesuffix(f".{extension}")[: MAX_LENGTH // 2]
        while name.casefold() in taken:
            last_numbers[stem.casefold()] += 1
            name = file_name(f"{stem}-{last_numbers[stem.casefold()] + 1}", extension, otherwise)
        taken.add(name.casefold())
        names.append(name)
    return names


def content_disposition(name: str) -> str:
    """The header that has a client store a file under this name: RFC 6266, with a name in ASCII, which curl takes.

    The name in ASCII is valid on every system, too, and does not begin with a hyphen, as options of commands do.
    """
    stem, _, extension = "".join(char if char.isascii() else "_" for char in name).rpartition(".")
    ascii_name = file_name(stem, extension, "download")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_plain(char: str) -> bool:
    return char in _PLAIN or unicodedata.category(char)[0] in "LMN"
