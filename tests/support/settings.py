"""Settings of the service under test, and the constants that they need."""

from typing import Any

from psycopg.conninfo import make_conninfo

from koodtx.settings import Settings

SECRET = "a secret of the tests, 32 characters or more"
PASSWORD = "correct horse battery staple"
SERVICE_PASSWORD = "service"
ANALYSIS_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def make_settings(owner_url: str, **changes: Any) -> Settings:
    """Returns settings as the service has them: logged in as koodtx_app; no limits unless a test sets them."""
    values: dict[str, Any] = {
        "database_url": make_conninfo(owner_url, user="koodtx_app", password=SERVICE_PASSWORD),
        "migration_database_url": owner_url,
        "secret_key": SECRET,
        "log_level": "error",
        "pool_min": 1,
        "pushes_per_minute": 0,
        "max_user_jobs": 0,
        "logins_per_minute": 0,
        # Nobody listens there: tests/takes has one.
        "analysis_server_url": "http://127.0.0.1:9",
        "analysis_server_secret": ANALYSIS_SECRET,
        "logins_per_minute_account": 0,
        "logins_per_minute_address": 0,
    }
    return Settings(**values | changes)
