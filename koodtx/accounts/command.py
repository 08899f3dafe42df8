"""`koodtx create-admin`"""

import sys
from getpass import getpass

import psycopg
import rich_click as click
from psycopg.errors import UniqueViolation

from koodtx.accounts.passwords import hash_password
from koodtx.accounts.store import CREATE_USER, taken
from koodtx.accounts.validation import checked_email, checked_password, checked_username
from koodtx.command_line import data_dir_option, load_settings
from koodtx.settings import Settings


@click.command("create-admin")
@data_dir_option
@click.argument("username")
@click.argument("email")
def create_admin(username: str, email: str) -> None:
    """Creates an administrator's account. The password is prompted for, or read from standard input."""
    password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    add_admin(load_settings(), username, email, password)
    print(f"{username} is an administrator")


def add_admin(settings: Settings, username: str, email: str, password: str) -> None:
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
