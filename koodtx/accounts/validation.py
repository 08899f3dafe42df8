"""Fields of an account: brought to one form and checked, or Invalid with the field's name."""

import re
import unicodedata
from functools import cache
from typing import NoReturn
from zoneinfo import available_timezones

from koodtx.errors import FieldError, Invalid

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*")
_MIN_PASSWORD_BYTES = 8
_MAX_PASSWORD_BYTES = 1024


def checked_username(text: str) -> str:
    """Trimmed and in NFC: what looks the same is the same."""
    name = unicodedata.normalize("NFC", text.strip())
    if not name or "@" in name:
        refuse("username", "must be a name without @")
    if not name.isprintable():
        refuse("username", "must not hold invisible characters")
    return name


def checked_email(text: str) -> str:
    """Trimmed and in NFC. Only plausible: whether it is read by anybody shows when it is written to."""
    address = unicodedata.normalize("NFC", text.strip())
    if not _EMAIL.fullmatch(address) or not address.isprintable():
        refuse("email", "is no e-mail address")
    return address


def checked_password(text: str, field: str = "password") -> str:
    """As it is: every byte of it counts."""
    if not _MIN_PASSWORD_BYTES <= len(text.encode()) <= _MAX_PASSWORD_BYTES:
        refuse(field, f"must have {_MIN_PASSWORD_BYTES} to {_MAX_PASSWORD_BYTES} bytes")
    return text


def checked_timezone(name: str) -> str:
    if name not in _timezones():
        refuse("timezone", "is no IANA time zone")
    return name


def checked_login_name(username: str | None, email: str | None) -> str:
    """The name or e-mail of a login, in the form in which accounts are kept."""
    given = username or email
    if given is None:
        refuse("username", "give username or email")
    return unicodedata.normalize("NFC", given.strip())


def refuse(field: str, message: str) -> NoReturn:
    """Raises Invalid."""
    raise Invalid(f"{field}: {message}", errors=[FieldError(field=field, message=message)])


@cache
def _timezones() -> set[str]:
    return available_timezones()
