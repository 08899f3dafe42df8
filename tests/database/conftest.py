"""Empty databases, as their superuser."""

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

_numbers = itertools.count()


@pytest.fixture
def make_empty_database(server: str) -> Iterator[Callable[..., str]]:
    """Creates empty databases; each call returns a superuser's URL."""
    names = []

    def make(owner: str | None = None) -> str:
        names.append(f"koodtx_empty_{os.getpid()}_{next(_numbers)}")
        with psycopg.connect(server, autocommit=True) as connection:
            # Not template1: an extension may have been put there.
            connection.execute(f"create database {names[-1]} template template0")  # type: ignore[call-overload]
            if owner is not None:
                connection.execute(f"alter database {names[-1]} owner to {owner}")  # type: ignore[call-overload]
        return make_conninfo(server, dbname=names[-1])

    yield make
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(f"drop database if exists {name} with (force)")  # type: ignore[call-overload]


@pytest.fixture
def empty_database(make_empty_database: Callable[..., str]) -> str:
    return make_empty_database()


def objects(url: str) -> list[Any]:
    """Every schema, relation and function outside the catalogues, and every extension."""
    query = """
        select 'schema', nspname::text from pg_namespace
        where nspname !~ '^pg_' and nspname <> 'information_schema'
        union all
        select 'relation', c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where nspname !~ '^pg_' and nspname <> 'information_schema'
        union all
        select 'extension', extname from pg_extension
        order by 1, 2
    """
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(name="objects")
def objects_fixture() -> Callable[[str], list[Any]]:
    return objects
