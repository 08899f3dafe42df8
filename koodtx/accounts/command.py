"""What the command line does with accounts."""

import psycopg
from psycopg.errors import UniqueViolation

from koodtx.accounts.passwords import hash_password
from koodtx.accounts.store import CREATE_USER, taken
from koodtx.accounts.validation import checked_email, checked_password, checked_username
from koodtx.settings import Settings


def create_admin(settings: Settings, username: str, email: str, password: str) -> None:
    """An account with the role admin. Raises Invalid, Taken."""
    account = {
        "username": checked_username(username),
        "email": checked_email(email),
        "password_hash": hash_password(checked_password(password)),
        "role": "admin",
        "timezone": settings.timezone,
    }
    try:
        with psycopg.connect(settings.database_url) as connection:
            connection.execute(CREATE_USER, account)
    except UniqueViolation as error:
        raise taken(error) from error
