"""sql/ over an older version of itself."""

from typing import Any

import psycopg
import pytest

from koodtx.database.errors import MigrationError
from tests.support.migrations import forget_digest, run, run_migrate

pytestmark = [pytest.mark.integration]

# What the text, the rights and the comment of each function and view are.
_FUNCTIONS = """
    select p.oid::regprocedure::text, case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end,
        p.proacl::text, obj_description(p.oid, 'pg_proc')
    from pg_proc as p where p.pronamespace::regnamespace::text in ('app', 'analytics') order by 1
"""
_VIEWS = """
    select c.oid::regclass::text, pg_get_viewdef(c.oid), c.relacl::text, obj_description(c.oid, 'pg_class')
    from pg_class as c where c.relkind = 'v' and c.relnamespace::regnamespace::text in ('app', 'analytics') order by 1
"""

# A view that had other columns, one on top of it, a function that returned its rows; an overload; two given up.
_OLDER = """
    drop view analytics.users cascade;
    create view analytics.users as select u.id, 'Mina'::text as name, u.created_at as id2 from app.users as u;
    create view analytics.user_names as select n.name from analytics.users as n;
    create function analytics.user_sessions(_user bigint, _from date, _to date) returns setof analytics.users
    language sql begin atomic select * from analytics.users; end;
    create function analytics.haversine_m(_a point, _b point) returns real language sql return 0;
    create function app.iso_time(_at timestamptz) returns text language sql return 'then';
    create procedure app.sweep() language sql begin atomic select 1; end;
"""


def deployed(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(_FUNCTIONS).fetchall() + connection.execute(_VIEWS).fetchall()


def test_an_older_version_becomes_as_if_made_today(empty_database: str) -> None:
    run_migrate(empty_database)
    fresh = deployed(empty_database)
    run(empty_database, _OLDER)
    forget_digest(empty_database)
    assert deployed(empty_database) != fresh
    assert run_migrate(empty_database)
    assert deployed(empty_database) == fresh
    assert len(fresh) > 60


def test_a_view_of_somebody_else_is_never_dropped(empty_database: str) -> None:
    run_migrate(empty_database)
    run(empty_database, "create schema lab; create view lab.mine as select s.recording_id from analytics.sessions as s")
    forget_digest(empty_database)
    before = deployed(empty_database)
    with pytest.raises(MigrationError, match=r"are used by view lab\.mine: drop it, migrate, and create it again"):
        run_migrate(empty_database)
    assert deployed(empty_database) == before
    run(empty_database, "drop view lab.mine")
    assert run_migrate(empty_database)


def test_a_statement_prepared_before_goes_on(empty_database: str) -> None:
    """The service keeps its connections while another process migrates."""
    run_migrate(empty_database)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        query = "select app.sync_status(1), analytics.session_analysis(1), (select count(*) from analytics.sessions)"
        first = connection.execute(query, prepare=True).fetchall()
        forget_digest(empty_database)
        run_migrate(empty_database)
        assert connection.execute(query, prepare=True).fetchall() == first


def test_continuous_aggregates_stay(empty_database: str) -> None:
    run_migrate(empty_database)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        if connection.execute("select app.edition()").fetchone() != ("community",):
            pytest.skip("this server has no continuous aggregates")
        connection.execute(
            "create materialized view app.live_week with (timescaledb.continuous) as"
            " select recording_id, time_bucket('7 days', recorded_at) as at, max(x) from app.sensor_data group by 1, 2"
            " with no data"
        )
    forget_digest(empty_database)
    assert run_migrate(empty_database)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select count(*) from app.live_week").fetchone() == (0,)
