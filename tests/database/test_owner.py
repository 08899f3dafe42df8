"""A database owner without superuser rights: missing privileges are reported before anything is changed."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from koodtx.database.errors import MigrationError
from koodtx.database.migrate import migrate
from koodtx.database.prerequisites import check
from koodtx.database.public_rights import COMMAND, rights_left
from tests.support.command_settings import settings_of

pytestmark = [pytest.mark.integration]

_ROLE = f"koodtx_owner_{os.getpid()}"


@pytest.fixture
def database(server: str, make_empty_database: Callable[..., str]) -> Iterator[str]:
    """A superuser's URL of an empty database that belongs to a role without any privileges."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create role {_ROLE} login password 'owner' nosuperuser nocreaterole")
        # The owner may be given everything of the service's roles, but may not make them.
        for role in ("koodtx_app", "koodtx_analyst"):
            if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                connection.execute(f"create role {role} nologin")  # type: ignore[call-overload]
    url = make_empty_database(owner=_ROLE)
    yield url
    with psycopg.connect(server, autocommit=True) as connection:
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        connection.execute(f"drop database {name} with (force)")  # type: ignore[call-overload]
        connection.execute(f"drop role {_ROLE}")


def as_owner(url: str) -> str:
    return make_conninfo(url, user=_ROLE, password="owner")


def test_owner_can_migrate_when_the_sql_was_run_by_a_superuser(database: str) -> None:
    run_what_is_asked_for(database)
    done = migrate(settings_of(as_owner(database)), say=lambda line: None)
    assert done.is_sql_applied
    with psycopg.connect(as_owner(database)) as connection:
        owners = connection.execute("select distinct tableowner from pg_tables where schemaname = 'app'").fetchall()
    assert owners == [(_ROLE,)]


def test_owner_gets_the_sql_by_which_a_superuser_restricts_analysts(database: str) -> None:
    """Functions of the catalogue belong to a superuser; temporary tables are the database owner's to refuse."""
    run_what_is_asked_for(database)
    said: list[str] = []
    migrate(settings_of(as_owner(database)), say=said.append)
    assert said[-1].endswith(f": {COMMAND}")
    with psycopg.connect(database, autocommit=True) as connection:
        left = rights_left(connection)
        assert len(left) > 10
        assert all("function" in statement for statement in left)
        for statement in left:
            connection.execute(statement)  # type: ignore[call-overload]
        assert rights_left(connection) == []


def test_owner_can_use_what_was_migrated(database: str) -> None:
    run_what_is_asked_for(database)
    migrate(settings_of(as_owner(database)), say=lambda line: None)
    with psycopg.connect(as_owner(database)) as connection:
        connection.execute("select app.create_user('mina', 'mina@example.org', 'x', 'user', 'UTC')")
        assert connection.execute("select is_new from app.renew_sync_epoch()").fetchone() == (True,)


def test_owner_without_the_extension_can_migrate_with_timescaledb_off(database: str) -> None:
    migrate(settings_of(as_owner(database), timescaledb="off"), say=lambda line: None)
    with psycopg.connect(as_owner(database)) as connection:
        assert connection.execute("select app.edition()").fetchone() == ("plain",)


# Roles and extensions belong to the whole server, which others use too: the catalogue is shown as it would be
# on a server where they are missing.
_SHADOWS = {
    "create role koodtx_app nologin;": "pg_roles as select * from pg_catalog.pg_roles where rolname !~ '^koodtx_a'",
    "create extension timescaledb;": """
        pg_available_extensions as select name('timescaledb') as name, '2.0'::text as default_version,
            null::text as installed_version;
        create view shadow.pg_available_extension_versions as select name('timescaledb') as name,
            '2.0'::text as version, false as trusted
    """,
}


@pytest.mark.parametrize("statement", _SHADOWS)
def test_owner_is_told_the_sql_that_is_needed_and_nothing_is_changed(
    database: str, objects: Callable[[str], list[Any]], statement: str
) -> None:
    with psycopg.connect(as_owner(database), autocommit=True) as connection:
        connection.execute("create schema shadow")
        connection.execute(f"create view shadow.{_SHADOWS[statement]}")  # type: ignore[call-overload]
        connection.execute("set search_path = shadow, pg_catalog")
        before = objects(database)
        with pytest.raises(MigrationError, match="nothing was changed") as raised:
            check(connection, settings_of(as_owner(database)))
    assert statement in [line.strip() for line in str(raised.value).splitlines()]
    assert objects(database) == before


def run_what_is_asked_for(database: str) -> None:
    """As the message says: a superuser runs its SQL in the database."""
    try:
        with psycopg.connect(as_owner(database), autocommit=True) as connection:
            check(connection, settings_of(as_owner(database)))
    except MigrationError as error:
        statements = [line.strip() for line in str(error).splitlines() if line.startswith("    ")]
        assert statements
        with psycopg.connect(database, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]
