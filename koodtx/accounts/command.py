"""`koodtx create-admin`"""

from koodtx.accounts import store
from koodtx.accounts.passwords import hash_password
from koodtx.accounts.store import NewUser
from koodtx.accounts.validation import checked_email, checked_password, checked_username
from koodtx.database.command_connection import run_once
from koodtx.settings import Settings


def create_admin(settings: Settings, username: str, email: str, password: str) -> None:
    """Creates an account with the role admin. Raises Invalid, Taken."""
    account = NewUser(
        username=checked_username(username),
        email=checked_email(email),
        password_hash=hash_password(checked_password(password)),
        role="admin",
        timezone=settings.timezone,
    )
    run_once(settings.database_url, lambda connection: store.create_user(connection, account))
