"""The pool of database connections of one process."""

from psycopg_pool import AsyncConnectionPool

from koodtx.settings import Settings

# Autocommit: each statement is a transaction of its own unless connection.transaction() opens a longer one.
_CONNECTION = {
    "autocommit": True,
    "application_name": "koodtx",
    "connect_timeout": 5,
    "options": "-c timezone=UTC -c synchronous_commit=on -c statement_timeout=60s -c lock_timeout=30s"
    " -c idle_in_transaction_session_timeout=60s",
}


def make_pool(settings: Settings) -> AsyncConnectionPool:
    """Returns a closed pool. Connections are checked when taken, so that a restarted database causes no errors."""
    return AsyncConnectionPool(
        settings.database_url,
        kwargs=_CONNECTION,
        min_size=min(settings.pool_min, settings.pool_max),
        max_size=settings.pool_max,
        max_lifetime=settings.pool_max_lifetime_s,
        timeout=settings.pool_timeout_s,
        # Pauses between attempts to connect double. Restarting them every two seconds makes the pool use a database
        # that was down for long at once; `check` starts new attempts for waiting requests.
        reconnect_timeout=2,
        reconnect_failed=AsyncConnectionPool.check,
        check=AsyncConnectionPool.check_connection,
        name="koodtx",
        open=False,
    )
