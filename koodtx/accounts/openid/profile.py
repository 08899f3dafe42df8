"""What becomes of an ID token's claims about its user: e-mail address, name, user name of a new account."""

import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from koodtx.accounts.openid.id_tokens import Claims
from koodtx.accounts.validation import checked_email, checked_username
from koodtx.errors import Invalid
from koodtx.names import MAX_NAME_LENGTH, PRINTABLE

_MAX_EMAIL_LENGTH = 254
_MAX_DISPLAY_NAME_LENGTH = 200
_NUMBERED_NAMES = 3


def verified_email(claims: Claims) -> str | None:
    """Returns the e-mail address if the issuer has verified it and an account may have it."""
    # Some issuers write the claim as a text.
    is_verified = claims.email_verified is True or claims.email_verified == "true"
    if not is_verified or not isinstance(claims.email, str) or len(claims.email) > _MAX_EMAIL_LENGTH:
        return None
    with suppress(Invalid):
        return checked_email(claims.email)
    return None


def display_name(claims: Claims) -> str | None:
    name = claims.name.strip() if isinstance(claims.name, str) else ""
    is_valid = 0 < len(name) <= _MAX_DISPLAY_NAME_LENGTH and re.match(PRINTABLE, name)
    return name if is_valid else None


def username_candidates(claims: Claims) -> Iterator[str]:
    """Yields names to try for a new account: as at the issuer, then with a number, last one that nobody has."""
    email = verified_email(claims)
    wishes = [_part_before_at(claims.preferred_username), _part_before_at(email), display_name(claims)]
    names = [name for wish in wishes if wish and (name := _valid(wish))]
    yield from names
    for name in names[:1]:
        numbered = (f"{name[: MAX_NAME_LENGTH - 5]}-{1000 + secrets.randbelow(9000)}" for _ in range(_NUMBERED_NAMES))
        yield from (valid for one in numbered if (valid := _valid(one)))
    yield f"user-{secrets.token_hex(8)}"


def _part_before_at(text: Any) -> str | None:
    return text.partition("@")[0] if isinstance(text, str) else None


def _valid(name: str) -> str | None:
    with suppress(Invalid):
        checked = checked_username(name[:MAX_NAME_LENGTH])
        return checked if len(checked) <= MAX_NAME_LENGTH else None
    return None
