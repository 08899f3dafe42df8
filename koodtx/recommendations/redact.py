"""Removes from text what identifies a person or a place by its form. Names have no form: they stay."""

import re
import unicodedata
from collections.abc import Iterator

# Stands for what was removed.
REMOVED = "…"

# Marks of JSON, HTML, Markdown and of the templates that chat endpoints put around messages.
MARKUP = re.compile(r"[<>{}\[\]|`\\*#]+")
# A dot without a space after it, before Latin letters or a top-level domain of Korea ("example.com에서").
WEB_ADDRESS = re.compile(r"://|\bwww\.|\w[.。](?:[a-z]{2}|한국|닷컴|닷넷)", re.IGNORECASE)

_QUOTED_MAILBOX = re.compile(r'"[^"]*"(?=@)')
_AT = re.compile(r" ?(?:@|[(\[{] ?(?:at|골뱅이) ?[)\]}]) ?", re.IGNORECASE)
_WORD = re.compile(r"[^ ]+")
# Digits without a letter between them, except those of compass points; with the word for a coordinate before them.
_NUMBER = re.compile(
    r"(?P<place>(?:(?<![a-z])(?:lat(?:itude)?|lon(?:gitude)?|lng)|위도|경도)[\W_]{0,3})?"
    r"[+-]?\d(?:[\W_NSEW]*\d)*(?P<degree> ?[°˚])?",
    re.IGNORECASE,
)
_PHONE_DIGITS = 7
# Three decimals of a degree are about 100 m. After a comma three digits are thousands, as in "3,000".
_FINE = re.compile(r"\d(?:\.\d{3}|,\d{4})")
# Two numbers with any decimals are a position as well.
_PAIR = re.compile(r"\d\.\d+[\W_NSEW]+\d+\.\d", re.IGNORECASE)
# UUIDs and the like, and Open Location Codes ("8Q98HX8G+5V").
_CODE = re.compile(r"\b[0-9a-f]{8}[0-9a-f-]{8,}\b|\b[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,}", re.IGNORECASE)


def redact(text: str, max_length: int) -> str:
    """Returns one line of at most `max_length` characters, without control characters and marks of markup.

    E-mail and web addresses, phone numbers, coordinates and long codes are replaced by "…".
    """
    line = _QUOTED_MAILBOX.sub("", _AT.sub("@", _one_line(text)))
    # All look at the same text: what one removes could be a part of what another would have recognised.
    is_removed = bytearray(len(line))
    for start, end in _personal_parts(line):
        is_removed[start:end] = b"1" * (end - start)
    line = "".join(REMOVED if removed else char for char, removed in zip(line, is_removed, strict=True))
    line = re.sub(rf"(?:{REMOVED} ?)+", f" {REMOVED} ", MARKUP.sub(" ", line))
    return " ".join(line.split())[:max_length].rstrip()


def _personal_parts(line: str) -> Iterator[tuple[int, int]]:
    for word in _WORD.finditer(line):
        if "@" in word[0] or WEB_ADDRESS.search(word[0]):
            yield word.span()
    for number in _NUMBER.finditer(line):
        if _is_personal(number):
            yield number.span()
    for code in _CODE.finditer(line):
        yield code.span()


def _one_line(text: str) -> str:
    """In the usual form of each character, e.g. of full-width digits. Invisible characters are removed."""
    usual = "".join(
        " " if unicodedata.category(char) == "Cc" else char
        for char in unicodedata.normalize("NFKC", text)
        if unicodedata.category(char) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join(usual.split())


def _is_personal(number: re.Match[str]) -> bool:
    text = number[0]
    return bool(
        number["place"]
        or number["degree"]
        or "°" in text
        or sum(map(str.isdigit, text)) >= _PHONE_DIGITS
        or _FINE.search(text)
        or _PAIR.search(text)
    )
