"""Restoring as a role that is not a superuser."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from koodtx.backup.errors import BackupError
from koodtx.backup.programs import Programs
from koodtx.backup.restore import restore
from koodtx.database import prerequisites
from koodtx.database.edition import read_edition
from koodtx.database.errors import MigrationError
from koodtx.settings import Settings
from tests.support.aliases import BackUp, Wreck
from tests.support.databases import rows

pytestmark = [pytest.mark.integration]


_ROLE = f"koodtx_restorer_{os.getpid()}"


@pytest.fixture
def restorer(server: str, db: psycopg.Connection[Any], database_url: str) -> Iterator[str]:
    """URL of the database as a role that may make databases, and nothing else."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create role {_ROLE} login createdb password 'restorer'")  # type: ignore[call-overload]
    yield make_conninfo(database_url, user=_ROLE, password="restorer")
    with psycopg.connect(server, autocommit=True) as connection:
        name = sql.Identifier(str(conninfo_to_dict(database_url)["dbname"]))
        db.close()
        connection.execute(sql.SQL("drop database {} with (force)").format(name))
        connection.execute(f"drop role {_ROLE}")  # type: ignore[call-overload]


@pytest.fixture
def its_own(restorer: str, server: str, wreck: Wreck, back_up: BackUp, recording_session: Any) -> str:
    """The same, with a backup made and an empty database that belongs to that role."""
    back_up()
    wreck()
    with psycopg.connect(server, autocommit=True) as connection:
        name = sql.Identifier(str(conninfo_to_dict(restorer)["dbname"]))
        connection.execute(sql.SQL("alter database {} owner to {}").format(name, sql.Identifier(_ROLE)))
    return restorer


@pytest.fixture
def has_timescaledb(db: psycopg.Connection[Any]) -> bool:
    return read_edition(db).timescaledb is not None


def test_owner_restores_a_plain_database_and_owns_what_is_in_it(
    has_timescaledb: bool, its_own: str, settings: Settings, file: Path, database_url: str
) -> None:
    restored = msgspec.structs.replace(
        settings, migration_database_url=its_own, timescaledb="off", database_url=its_own
    )
    if has_timescaledb:
        with pytest.raises(BackupError, match="only superusers can restore TimescaleDB"):
            restore(restored, file, Programs(), replace=False)
        return
    restore(restored, file, Programs(), replace=False, say=lambda line: None)
    assert len(rows(database_url)["sensor_data"]) == 100
    with psycopg.connect(database_url) as connection:
        assert read_edition(connection).name == "plain"
        owners = "select distinct tableowner from pg_tables where schemaname = 'app'"
        assert connection.execute(owners).fetchall() == [(_ROLE,)]


def test_owner_is_told_to_stop_a_service_whose_connections_it_may_not_end(
    its_own: str, settings: Settings, file: Path
) -> None:
    restored = msgspec.structs.replace(settings, migration_database_url=its_own)
    with (
        psycopg.connect(settings.database_url),
        pytest.raises(BackupError, match="connections of other roles are open: stop the service first"),
    ):
        restore(restored, file, Programs(), replace=False)


def test_role_that_may_not_make_roles_is_told_the_sql(its_own: str) -> None:
    """Roles belong to the whole server: the catalogue is shown as it would be on one where ours are missing."""
    with psycopg.connect(its_own, autocommit=True) as connection:
        connection.execute("create schema shadow")
        connection.execute(
            "create view shadow.pg_roles as select * from pg_catalog.pg_roles where rolname !~ '^koodtx_a'"
        )
        connection.execute("set search_path = shadow, pg_catalog")
        with pytest.raises(MigrationError) as raised:
            prerequisites.create_roles(connection)
    said = [line.strip() for line in str(raised.value).splitlines()]
    assert said[1:3] == ["create role koodtx_app nologin;", "create role koodtx_analyst nologin;"]
    assert said[-1] == "then run `koodtx restore` again."
