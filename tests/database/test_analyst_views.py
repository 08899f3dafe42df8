"""Views that analysts keep in the schema `analysts`, over a migration that recreates what they use."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from koodtx.database.errors import MigrationError
from tests.support.aliases import Db
from tests.support.migrations import forget_digest, run, run_migrate

pytestmark = [pytest.mark.integration]

_VIEWS = """
    create view analysts.lengths as select s.user_id, s.session_id, s.duration_s from analytics.sessions as s;
    create view analysts.per_user as
        select l.user_id, sum(l.duration_s) as seconds, analytics.haversine_m(0, 0, 0, 1) as degree_m
        from analysts.lengths as l group by l.user_id;
    comment on view analysts.per_user is 'Ada''s totals';
    create view analysts.own as select 1 as one;
"""


@pytest.fixture
def migrated(empty_database: str) -> str:
    run_migrate(empty_database)
    return empty_database


@pytest.fixture
def analyst(server: str, migrated: str) -> Iterator[str]:
    """The URL of a person who is a member of koodtx_analyst."""
    name = make_conninfo(migrated).partition("dbname=")[2].split()[0] + "_ada"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create role {name} login password 'ada' in role koodtx_analyst")  # type: ignore[call-overload]
    yield make_conninfo(migrated, user=name, password="ada")
    with psycopg.connect(migrated, autocommit=True) as owner:
        owner.execute(f"drop owned by {name} cascade")  # type: ignore[call-overload]
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"drop role {name}")  # type: ignore[call-overload]


def test_an_analyst_cannot_create_temporary_tables(analyst: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(analyst, "create temporary table mine ()")


def definitions(db: Db) -> list[tuple[str, str, str | None]]:
    return db.execute(
        "select relname, pg_get_viewdef(oid), obj_description(oid, 'pg_class') from pg_class"
        " where relnamespace = 'analysts'::regnamespace order by 1"
    ).fetchall()


def test_views_of_an_analyst_are_recreated_by_a_migration(migrated: str, analyst: str) -> None:
    run(analyst, _VIEWS)
    with psycopg.connect(analyst, autocommit=True) as ada:
        before = definitions(ada)
        assert len(before) == 3
        forget_digest(migrated)
        assert run_migrate(migrated)
        assert definitions(ada) == before
        assert ada.execute("select * from analysts.per_user").fetchall() == []
        ada.execute("drop view analysts.per_user, analysts.lengths, analysts.own")


def test_a_view_replaced_later_by_one_that_uses_a_newer_view_is_recreated(migrated: str, analyst: str) -> None:
    run(
        analyst,
        "create view analysts.first as select 1::bigint as recording_id;"
        "create view analysts.second as select s.recording_id from analytics.sessions as s;"
        "create or replace view analysts.first as select s.recording_id from analysts.second as s",
    )
    forget_digest(migrated)
    assert run_migrate(migrated)
    run(analyst, "select * from analysts.first")


def test_a_view_that_no_longer_fits_stops_the_migration_by_its_name(migrated: str, analyst: str) -> None:
    # As if an older version had had another column.
    run(
        migrated,
        "drop view analytics.users cascade; create view analytics.users as select 1 as id, 2 as older;"
        "grant select on analytics.users to koodtx_analyst",
    )
    run(analyst, "create view analysts.old_ones as select u.older from analytics.users as u")
    forget_digest(migrated)
    with pytest.raises(MigrationError, match=r"analysts\.old_ones: column .*older.* does not exist"):
        run_migrate(migrated)
    run(analyst, "select * from analysts.old_ones; drop view analysts.old_ones")
    assert run_migrate(migrated)


def test_what_is_no_view_stops_the_migration_by_its_name(migrated: str, analyst: str) -> None:
    run(analyst, "create materialized view analysts.stored as select s.recording_id from analytics.sessions as s")
    forget_digest(migrated)
    with pytest.raises(MigrationError, match=r"used by materialized view analysts\.stored:"):
        run_migrate(migrated)
    run(analyst, "refresh materialized view analysts.stored")


def test_a_column_whose_type_is_a_row_of_a_view_stops_the_migration_by_its_name(migrated: str, analyst: str) -> None:
    """Dropping the view would drop the column, and what is in it."""
    run(analyst, "create table analysts.snapshot as select s as session, 1 as one from analytics.sessions as s")
    forget_digest(migrated)
    with pytest.raises(MigrationError, match=r"used by column session of table analysts\.snapshot:"):
        run_migrate(migrated)
    run(analyst, "select session, one from analysts.snapshot; drop table analysts.snapshot")
    assert run_migrate(migrated)


def test_a_recreated_view_keeps_its_options_rights_and_comments(migrated: str, analyst: str) -> None:
    run(
        analyst,
        "create view analysts.shared with (security_barrier, security_invoker = true) as"
        " select s.user_id from analytics.sessions as s;"
        "comment on column analysts.shared.user_id is 'Whose';"
        "grant select on analysts.shared to public; grant select on analysts.shared to koodtx_app with grant option",
    )
    query = """
        select c.reloptions, col_description(c.oid, 1), (
            select array_agg((r.grantee::regrole::text, r.privilege_type, r.is_grantable)::text order by r.grantee)
            from aclexplode(c.relacl) as r where r.grantee <> c.relowner
        )
        from pg_class as c where c.oid = 'analysts.shared'::regclass
    """
    with psycopg.connect(analyst, autocommit=True) as ada:
        before = ada.execute(query).fetchone()
        assert before is not None
        assert before[1] == "Whose"
        forget_digest(migrated)
        assert run_migrate(migrated)
        assert ada.execute(query).fetchone() == before


def test_a_recreated_view_has_the_rights_of_analysts_only(migrated: str, analyst: str) -> None:
    """The migration's role may read everything; the view must not."""
    run(
        analyst,
        "create view analysts.hashes as select a.rolpassword, s.user_id from pg_authid as a, analytics.sessions as s",
    )
    forget_digest(migrated)
    assert run_migrate(migrated)
    with psycopg.connect(analyst) as ada, pytest.raises(psycopg.errors.InsufficientPrivilege):
        ada.execute("select * from analysts.hashes")
