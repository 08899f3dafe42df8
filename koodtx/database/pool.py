"""The pool of database connections of one process."""

from psycopg_pool import AsyncConnectionPool

from koodtx.settings import Settings

# Autocommit, so that a function call is a transaction of its own; longer ones are opened by name.
_CONNECTION = {
    "autocommit": True,
    "application_name": "koodtx",
    "connect_timeout": 5,
    "options": "-c timezone=UTC -c synchronous_commit=on -c statement_timeout=60s -c lock_timeout=30s"
    " -c idle_in_transaction_session_timeout=60s",
}


def make_pool(settings: Settings) -> AsyncConnectionPool:
    """A pool, not yet open. A connection is checked when it is taken, so a restarted database goes unnoticed."""
    return AsyncConnectionPool(
        settings.database_url,
        kwargs=_CONNECTION,
        min_size=min(settings.pool_min, settings.pool_max),
        max_size=settings.pool_max,
        max_lifetime=settings.pool_max_lifetime_s,
        timeout=settings.pool_timeout_s,
        # Its pauses between tries to connect double; begun anew every two seconds, a database that comes back after
        # a long time is used at once. `check` lets the pool try again for those who wait.
        reconnect_timeout=2,
        reconnect_failed=AsyncConnectionPool.check,
        check=AsyncConnectionPool.check_connection,
        name="koodtx",
        open=False,
    )
