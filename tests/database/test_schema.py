"""The schema of each edition is the one that was looked at: tests/database/schema/common.txt and EDITION.txt.

After a change that is meant: KOODTX_WRITE_SCHEMA=1 pytest tests/database/test_schema.py, on each edition.
"""

import os
from typing import Any

import psycopg
import pytest

from koodtx.database.edition import read_edition
from koodtx.database.migrate import migrate
from tests.database.listing import listing, read, write
from tests.support.settings import make_settings

pytestmark = [pytest.mark.integration]


def test_schema_is_the_one_on_file(db: psycopg.Connection[Any]) -> None:
    edition = read_edition(db).name
    if os.environ.get("KOODTX_WRITE_SCHEMA"):
        write(edition, listing(db))
        pytest.fail(f"the schema of {edition} is written: look at what git diff shows")
    assert listing(db) == read(edition)


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("alter table app.users add column x integer", "column app.users.x integer"),
        ("create index x on app.users (name)", "index CREATE INDEX x ON app.users USING btree (name)"),
        ("grant select on app.users to koodtx_analyst", None),
        ("create table app.x ()", "table app.x"),
        ("alter function app.edition() volatile", None),
        ("alter table app.users alter column name set not null", "column app.users.name text not null"),
    ],
)
def test_listing_shows_a_change(db: psycopg.Connection[Any], statement: str, line: str | None) -> None:
    before = listing(db)
    db.execute(statement)  # type: ignore[call-overload]
    after = listing(db)
    assert after != before
    assert line is None or line in after


def test_schema_is_the_same_after_sql_was_applied_again(db: psycopg.Connection[Any], database_url: str) -> None:
    before = listing(db)
    db.execute("update app.deployed_sql set sha256 = 'of an older version'")
    migrate(make_settings(database_url), say=lambda line: None)
    assert listing(db) == before
