"""Views of analysts, and their rights, in a restored database."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from koodtx.database.public_rights import rights_left
from tests.support.aliases import BackUp, Db, Restore, Wreck

pytestmark = [pytest.mark.integration]

_ADA = f"koodtx_ada_{os.getpid()}"
_BOB = f"koodtx_bob_{os.getpid()}"


@pytest.fixture
def ada(server: str, database_url: str) -> Iterator[str]:
    """URL of an analyst. Bob, another one, is gone after the backup."""
    with psycopg.connect(server, autocommit=True) as admin:
        for name in (_ADA, _BOB):
            admin.execute(f"create role {name} login password 'analyst' in role koodtx_analyst")  # type: ignore[call-overload]
    yield make_conninfo(database_url, user=_ADA, password="analyst")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"drop role {_ADA}")  # type: ignore[call-overload]


def drop_bob(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"drop role {_BOB}")  # type: ignore[call-overload]


def test_views_of_analysts_come_back_with_the_rights_of_analysts(
    ada: str, server: str, db: Db, back_up: BackUp, wreck: Wreck, put_back: Restore, database_url: str
) -> None:
    with psycopg.connect(ada, autocommit=True) as connection:
        connection.execute("create view analysts.sessions as select s.session_id from analytics.sessions as s")
        connection.execute("create view analysts.hashes as select rolname, rolpassword from pg_authid")
        connection.execute("create table analysts.labels (label text)")
        connection.execute("insert into analysts.labels values ('walking')")
        connection.execute(
            "create function analysts.peek() returns bigint security definer language sql"
            " as 'select count(*) from pg_authid'"
        )
        connection.execute(
            sql.SQL("grant select on analysts.sessions, analysts.hashes to {}").format(sql.Identifier(_BOB))
        )
    back_up()
    db.close()
    wreck()
    drop_bob(server)
    put_back()
    with psycopg.connect(ada, autocommit=True) as connection:
        assert connection.execute("select * from analysts.sessions").fetchall() == []
        assert connection.execute("select label from analysts.labels").fetchall() == [("walking",)]
        for query in ("select * from analysts.hashes", "select analysts.peek()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(query)  # type: ignore[call-overload]
    with psycopg.connect(database_url) as connection:
        assert rights_left(connection) == []
