"""A database of a test, migrated again."""

import psycopg

from koodtx.database.migrate import migrate
from tests.support.command_settings import settings_of


def run_migrate(url: str) -> bool:
    """Migrates the database; returns whether sql/ was applied."""
    return migrate(settings_of(url), say=lambda line: None).is_sql_applied


def run(url: str, statements: str) -> None:
    """Runs statements as the role of the URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements)  # type: ignore[call-overload]


def forget_digest(url: str) -> None:
    """Makes the next migration apply sql/ again, as after an update."""
    run(url, "update app.deployed_sql set sha256 = 'of an older version'")
