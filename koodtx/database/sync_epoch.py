"""Which life of the database this is."""

from uuid import UUID

import psycopg

from koodtx.settings import Settings


def renew(settings: Settings) -> UUID:
    """Begins a new sync epoch: cursors of the old one get 410, and clients do a full resync."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        row = connection.execute("select id from app.renew_sync_epoch(true)").fetchone()
    assert row is not None
    sync_epoch: UUID = row[0]
    return sync_epoch
