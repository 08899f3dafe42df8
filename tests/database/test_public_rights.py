"""What PostgreSQL lets everyone do, and a migration takes away."""

import psycopg
import pytest

from koodtx.database.migrate import migrate
from koodtx.database.public_rights import rights_left
from tests.support.command_settings import settings_of

pytestmark = [pytest.mark.integration]


def test_a_migration_takes_all_of_them_away(empty_database: str) -> None:
    said: list[str] = []
    migrate(settings_of(empty_database), say=said.append)
    with psycopg.connect(empty_database) as connection:
        assert rights_left(connection) == []
    assert not [line for line in said if "superuser" in line]


def test_a_right_given_again_is_taken_away_again(empty_database: str) -> None:
    migrate(settings_of(empty_database), say=lambda line: None)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("grant execute on function pg_catalog.lo_create(oid) to public")
        assert rights_left(connection) == ["revoke execute on function lo_create(oid) from public"]
        migrate(settings_of(empty_database), say=lambda line: None)
        assert rights_left(connection) == []
