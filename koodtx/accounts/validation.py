"""Fields of an account, brought to one form and checked. All functions raise Invalid, naming the field."""

import re
import unicodedata
from functools import cache
from zoneinfo import available_timezones

from koodtx.errors import invalid_field

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*")
_MIN_PASSWORD_BYTES = 8
_MAX_PASSWORD_BYTES = 1024


def checked_username(text: str) -> str:
    """Returns the name trimmed and in NFC, so that names that look the same are the same."""
    name = unicodedata.normalize("NFC", text.strip())
    if not name or "@" in name:
        raise invalid_field("username", "must be a name without @")
    if not name.isprintable():
        raise invalid_field("username", "must not contain invisible characters")
    return name


def checked_email(text: str) -> str:
    """Returns the address trimmed and in NFC. Checks its syntax only; whether mail arrives is not checked."""
    address = unicodedata.normalize("NFC", text.strip())
    if not _EMAIL.fullmatch(address) or not address.isprintable():
        raise invalid_field("email", "is not a valid e-mail address")
    return address


def checked_password(text: str, field: str = "password") -> str:
    """Returns the password unchanged, since every byte of it counts."""
    if not _MIN_PASSWORD_BYTES <= len(text.encode()) <= _MAX_PASSWORD_BYTES:
        raise invalid_field(field, f"must have {_MIN_PASSWORD_BYTES} to {_MAX_PASSWORD_BYTES} bytes")
    return text


def checked_timezone(name: str) -> str:
    if name not in _timezones():
        raise invalid_field("timezone", "is not a known IANA time zone")
    return name


def checked_login_name(username: str | None, email: str | None) -> str:
    """Returns the name or e-mail address of a login in the form in which accounts are stored."""
    given = username or email
    if given is None:
        raise invalid_field("username", "is required, unless email is given")
    return unicodedata.normalize("NFC", given.strip())


@cache
def _timezones() -> set[str]:
    return available_timezones()
