"""The sync epoch: each restore of the database starts a new one."""

from uuid import UUID

import psycopg

from koodtx.settings import Settings


def renew(settings: Settings) -> UUID:
    """Starts a new sync epoch: older cursors get 410, after which clients do a full resync. Returns its id."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        row = connection.execute("select id from app.renew_sync_epoch(true)").fetchone()
    assert row is not None
    epoch: UUID = row[0]
    return epoch
