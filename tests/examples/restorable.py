"""A database that can be restored, as from a dump."""

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict


class RestorableDatabase:
    """The database of a service, which can be put back to what it was."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._name = str(conninfo_to_dict(url)["dbname"])
        self._dump = f"{self._name}_dump"

    def dump(self) -> None:
        self._copy(self._name, self._dump)

    def restore(self) -> None:
        """As from a dump: the service finds its connections broken, and at its next look another sync epoch."""
        self._copy(self._dump, self._name)
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("select app.renew_sync_epoch()")

    def drop_dump(self) -> None:
        with psycopg.connect(self.url, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(self._dump)))

    def _copy(self, source: str, target: str) -> None:
        names = {"source": sql.Identifier(source), "target": sql.Identifier(target)}
        with psycopg.connect(self.url, dbname="postgres", autocommit=True) as connection:
            # No new connections meanwhile: a database in use cannot be copied.
            connection.execute(sql.SQL("alter database {source} allow_connections false").format(**names))
            connection.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [source]
            )
            connection.execute(sql.SQL("drop database if exists {target} with (force)").format(**names))
            connection.execute(sql.SQL("create database {target} template {source}").format(**names))
            connection.execute(sql.SQL("alter database {source} allow_connections true").format(**names))
            connection.execute(sql.SQL("alter database {target} allow_connections true").format(**names))
