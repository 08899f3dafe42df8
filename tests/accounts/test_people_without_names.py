"""Accounts without a user name or e-mail address: people who do not log in by password."""

from typing import Any

import psycopg
import pytest

from koodtx.accounts import store
from koodtx.accounts.errors import Taken
from koodtx.accounts.messages import User
from koodtx.accounts.store import NewUser
from koodtx.database.command_connection import run_once
from koodtx.settings import Settings

pytestmark = [pytest.mark.auth, pytest.mark.integration]


def create(settings: Settings, username: str | None, email: str | None) -> int:
    account = NewUser(username=username, email=email, password_hash=None, timezone="UTC")
    return run_once(settings.database_url, lambda connection: store.create_user(connection, account))


def read(settings: Settings, user_id: int) -> User:
    return run_once(settings.database_url, lambda connection: store.get_user(connection, user_id))


def test_several_accounts_may_have_neither(settings: Settings, db: psycopg.Connection[Any]) -> None:
    first, second = create(settings, None, None), create(settings, None, None)
    assert first != second
    assert (read(settings, first).username, read(settings, second).email) == (None, None)
    assert db.execute("select count(*) from app.change_sequences").fetchone() == (2,)


def test_names_that_exist_stay_unique_ignoring_case(settings: Settings) -> None:
    create(settings, "mina", None)
    create(settings, None, "mina@example.org")
    with pytest.raises(Taken, match="username is taken"):
        create(settings, "Mina", None)
    with pytest.raises(Taken, match="email is taken"):
        create(settings, None, "MINA@example.org")


@pytest.mark.parametrize("login_name", ["", "null", "None"])
def test_nobody_logs_in_to_an_account_without_names(settings: Settings, login_name: str) -> None:
    create(settings, None, None)
    found = run_once(settings.database_url, lambda connection: store.find_credentials(connection, login_name))
    assert found is None
