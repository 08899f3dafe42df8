"""Time that passes: the database's clock moves, and the recorded start of the machine with it."""

from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql


class Clock:
    """The clock of one test database. Open connections would not notice a change, so they are closed."""

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self._db = db
        self._days = 0.0

    def move(self, days: float) -> None:
        self.jump(days)
        self._db.execute(
            "update app.maintenance_runs set host_started_at = host_started_at - make_interval(secs => %s)",
            [days * 86400],
        )

    def jump(self, days: float) -> None:
        """Moves the database's clock alone, which is wrong from then on."""
        self._days += days
        name = sql.Identifier(self._db.info.dbname)
        offset = sql.Literal(f"{self._days * 86400} seconds")
        self._db.execute(sql.SQL("alter database {} set koodtx.clock_offset = {}").format(name, offset))
        self._db.execute(sql.SQL("set koodtx.clock_offset = {}").format(offset))
        self._db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and usename = 'koodtx_app'"
        )


class SharedClock:
    """A clock that moves hundreds of times: every connection reads it in a table, so none has to be closed."""

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self._db = db
        db.execute("create table public.moved_clock (ahead interval not null)")
        db.execute("insert into public.moved_clock values ('0')")
        db.execute("grant select on public.moved_clock to koodtx_app")
        db.execute(
            "create or replace function app.now() returns timestamptz language sql volatile"
            " begin atomic select clock_timestamp() + m.ahead from public.moved_clock as m; end"
        )

    def set(self, at: datetime) -> None:
        """It goes on from there."""
        self._db.execute("update public.moved_clock set ahead = %s - clock_timestamp()", [at])
