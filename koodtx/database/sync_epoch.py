"""Which life of the database this is."""

from uuid import UUID

import psycopg

from koodtx.settings import Settings


def renew(settings: Settings) -> UUID:
    """Begins a new generation: cursors of the old one are answered 410, and clients sync anew."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        row = connection.execute("select id from app.renew_sync_epoch(true)").fetchone()
    assert row is not None
    generation: UUID = row[0]
    return generation
