"""Fields of an account, brought to one form and checked. All functions raise Invalid, naming the field."""

import re
import unicodedata
from functools import cache
from zoneinfo import available_timezones

from precis_i18n import get_profile

from koodtx.accounts.scripts import has_mixed_scripts
from koodtx.errors import invalid_field
from koodtx.names import folded

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*")
_MIN_PASSWORD_BYTES = 8
_MAX_PASSWORD_BYTES = 1024

# RFC 8265. The first refuses invisible and unassigned characters, symbols, and variants of characters, except width.
_username = get_profile("UsernameCaseMapped")
_password = get_profile("OpaqueString")


def checked_username(text: str) -> str:
    """Returns the name as its user spells it, trimmed and in NFC."""
    name = unicodedata.normalize("NFC", text.strip())
    if not name or "@" in folded(name):
        raise invalid_field("username", "must be a name without @")
    if not name.isprintable():
        raise invalid_field("username", "must not contain invisible characters")
    _check_characters("username", name, name.split())
    return name


def checked_email(text: str) -> str:
    """Returns the address as its user spells it, trimmed and in NFC. Whether mail arrives is not checked."""
    address = unicodedata.normalize("NFC", text.strip())
    if not _EMAIL.fullmatch(address) or not _EMAIL.fullmatch(folded(address)) or not address.isprintable():
        raise invalid_field("email", "is not a valid e-mail address")
    local, _, domain = address.partition("@")
    for part in (local, *domain.split(".")):
        _check_characters("email", part, [part])
    return address


def checked_password(text: str, field: str = "password") -> str:
    """Returns the password in the form that is hashed: the same for every keyboard that it is typed on (RFC 8265)."""
    try:
        password: str = _password.enforce(text)
    except UnicodeEncodeError as error:
        raise invalid_field(field, f"must not contain the character {_character(error)}") from error
    if not _MIN_PASSWORD_BYTES <= len(password.encode()) <= _MAX_PASSWORD_BYTES:
        raise invalid_field(field, f"must have {_MIN_PASSWORD_BYTES} to {_MAX_PASSWORD_BYTES} bytes")
    return password


def password_forms(text: str) -> list[str]:
    """Returns what a password may have been hashed as: in its form, and as it was typed, as earlier versions did."""
    try:
        return list(dict.fromkeys([_password.enforce(text), text]))
    except UnicodeEncodeError:
        return [text]


def checked_timezone(name: str) -> str:
    if name not in _timezones():
        raise invalid_field("timezone", "is not a known IANA time zone")
    return name


def checked_login_name(username: str | None, email: str | None) -> str:
    """Returns the name or e-mail address of a login, trimmed and in NFC, as accounts without a key are stored."""
    given = username or email
    if given is None:
        raise invalid_field("username", "is required, unless email is given")
    return unicodedata.normalize("NFC", given.strip())


def _check_characters(field: str, name: str, words: list[str]) -> None:
    try:
        for word in words:
            _username.enforce(word)
    except UnicodeEncodeError as error:
        raise invalid_field(field, f"must not contain {_character(error)}") from error
    if has_mixed_scripts(folded(name)):
        raise invalid_field(field, "must not mix letters of several scripts, as some look alike")


def _character(error: UnicodeEncodeError) -> str:
    """Returns what a PRECIS profile refused: a character or, of right-to-left words, their order (RFC 5893)."""
    found = error.object[error.start : error.end]
    if len(found) != 1:
        return "right-to-left letters in this order"
    return f"U+{ord(found):04X} {unicodedata.name(found, '')}".strip()


@cache
def _timezones() -> set[str]:
    return available_timezones()
