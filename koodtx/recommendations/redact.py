"""Removes from text what identifies a person or a place by its form. Names have no form: they stay."""

import re
import unicodedata

# Stands for what was removed.
REMOVED = "…"

# Marks of JSON, HTML, Markdown and of the templates that chat endpoints put around messages.
MARKUP = re.compile(r"[<>{}\[\]|`\\*#]+")
# A dot without a space after it, before Latin letters or a top-level domain of Korea ("example.com에서").
WEB_ADDRESS = re.compile(r"://|\bwww\.|\w[.。](?:[a-z]{2}|한국|닷컴|닷넷)", re.IGNORECASE)

_QUOTED_MAILBOX = re.compile(r'"[^"]*"(?=@)')
_AT = re.compile(r" ?(?:@|[(\[{] ?(?:at|골뱅이) ?[)\]}]) ?", re.IGNORECASE)
# Digits without a letter between them, except those of compass points; with the word for a coordinate before them.
_NUMBER = re.compile(
    r"(?P<place>(?:\b(?:lat|lon|lng)[a-z]*|위도|경도)[\W_]{0,3})?[+-]?\d(?:[\W_NSEW]*\d)*(?P<degree> ?[°˚])?",
    re.IGNORECASE,
)
_PHONE_DIGITS = 7
# Three decimals of a degree are about 100 m. A pair with any decimals is a position as well.
_FINE = re.compile(r"\d[.,]\d{3}")
_PAIR = re.compile(r"\d\.\d+[\W_NSEW]+\d+\.\d", re.IGNORECASE)
# UUIDs and the like, and Open Location Codes ("8Q98HX8G+5V").
_CODE = re.compile(r"\b[0-9a-f]{8}[0-9a-f-]{8,}\b|\b[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,}", re.IGNORECASE)


def redact(text: str, max_length: int) -> str:
    """Returns one line of at most `max_length` characters, without control characters and marks of markup.

    E-mail and web addresses, phone numbers, coordinates and long codes are replaced by "…".
    """
    words = _QUOTED_MAILBOX.sub("", _AT.sub("@", _one_line(text))).split(" ")
    kept = [REMOVED if "@" in word or WEB_ADDRESS.search(word) else word for word in words]
    line = _CODE.sub(REMOVED, " ".join(kept))
    line = _NUMBER.sub(_number, line)
    line = re.sub(rf"(?:{REMOVED} ?)+", f" {REMOVED} ", MARKUP.sub(" ", line))
    return " ".join(line.split())[:max_length].rstrip()


def _one_line(text: str) -> str:
    """In the usual form of each character, e.g. of full-width digits. Invisible characters are removed."""
    usual = "".join(
        " " if unicodedata.category(char) == "Cc" else char
        for char in unicodedata.normalize("NFKC", text)
        if unicodedata.category(char) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join(usual.split())


def _number(found: re.Match[str]) -> str:
    text = found[0]
    is_personal = (
        found["place"]
        or found["degree"]
        or "°" in text
        or sum(map(str.isdigit, text)) >= _PHONE_DIGITS
        or _FINE.search(text)
        or _PAIR.search(text)
    )
    return REMOVED if is_personal else text
