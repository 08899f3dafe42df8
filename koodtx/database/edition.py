"""Which database this is."""

from typing import Any

from msgspec import Struct
from psycopg import Connection


class Edition(Struct, frozen=True):
    """`name`: community, apache or plain. `timescaledb`: the extension's version, if it is there."""

    name: str
    postgresql: str
    timescaledb: str | None

    def __str__(self) -> str:
        if self.timescaledb is None:
            return f"PostgreSQL {self.postgresql}"
        return f"PostgreSQL {self.postgresql} + TimescaleDB {self.timescaledb} ({self.name.capitalize()})"


QUERY = """
select app.edition(), split_part(current_setting('server_version'), ' ', 1),
    (select extversion from pg_catalog.pg_extension where extname = 'timescaledb')
"""


def read_edition(connection: Connection[Any]) -> Edition:
    """The edition of a migrated database."""
    row = connection.execute(QUERY).fetchone()
    assert row is not None
    return Edition(*row)
