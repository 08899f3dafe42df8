"""docs/sql-reference.md is what a fresh database says of itself."""

import re
from typing import Any

import psycopg
import pytest

from tests.docs.pages import read
from tools.sql_page import markdown

pytestmark = [pytest.mark.integration]

_PAGE = "docs/sql-reference.md"
_NAMES = """
    select relname from pg_class
    where relnamespace = 'analytics'::regnamespace and relkind not in ('i', 'c')
    union all
    select proname from pg_proc where pronamespace = 'analytics'::regnamespace
"""


def test_the_page_is_current(db: psycopg.Connection[Any]) -> None:
    assert read(_PAGE) == markdown(db)


def test_everything_that_analysts_see_is_in_the_page_once(db: psycopg.Connection[Any]) -> None:
    names = sorted(name for (name,) in db.execute(_NAMES))

    assert sorted(re.findall(r"^### (\w+)$", read(_PAGE), re.MULTILINE)) == names


def test_a_changed_comment_makes_the_page_old(db: psycopg.Connection[Any]) -> None:
    db.execute("comment on view analytics.users is 'Other words.'")

    assert read(_PAGE) != markdown(db)
