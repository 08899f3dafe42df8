"""Which life of the database this is."""

from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from koodtx.database.sync_epoch import renew
from tests.support.aliases import Db
from tests.support.command_settings import settings_of

pytestmark = [pytest.mark.integration]


def ask(db: Db, *, force: bool = False) -> tuple[UUID, bool]:
    row = db.execute("select id, is_new from app.renew_sync_epoch(%s)", [force]).fetchone()
    assert row is not None
    return row[0], row[1]


def test_sync_epoch_begins_with_the_first_question(db: Db) -> None:
    assert ask(db)[1] is True


def test_sync_epoch_stays_while_the_database_does(db: Db) -> None:
    first, _ = ask(db)
    assert ask(db) == (first, False)


def test_sync_epoch_is_renewed_in_a_copied_database(db: Db, server: str, database_url: str) -> None:
    first, _ = ask(db)
    db.close()
    name = conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(server, autocommit=True) as admin:
        # TimescaleDB's background worker would come back at once and keep it from being copied.
        admin.execute(f"alter database {name} allow_connections false")  # type: ignore[call-overload]
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        admin.execute(f"create database {name}_copy template {name}")  # type: ignore[call-overload]
        admin.execute(f"alter database {name} allow_connections true")  # type: ignore[call-overload]
    try:
        with psycopg.connect(make_conninfo(database_url, dbname=f"{name}_copy"), autocommit=True) as copy:
            second, is_new = ask(copy)
            assert (second != first, is_new) == (True, True)
            assert ask(copy) == (second, False)
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"drop database {name}_copy with (force)")  # type: ignore[call-overload]
    with psycopg.connect(database_url, autocommit=True) as original:
        assert ask(original) == (first, False)


def test_sync_epoch_is_renewed_when_told_to(db: Db, database_url: str) -> None:
    first, _ = ask(db)
    second = renew(settings_of(database_url))
    assert second != first
    assert ask(db) == (second, False)


def test_sync_epoch_of_a_new_life_is_later_than_the_one_before(db: Db) -> None:
    ask(db)
    query = "select created_at from app.sync_epoch"
    before = db.execute(query).fetchone()
    ask(db, force=True)
    after = db.execute(query).fetchone()
    assert before is not None
    assert after is not None
    assert after[0] > before[0]
    assert db.execute("select count(*) from app.sync_epoch").fetchone() == (1,)
