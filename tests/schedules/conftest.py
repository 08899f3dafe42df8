"""The clock of the database, and an administrator."""

import pytest

from tests.support.aliases import CreateUser, Db
from tests.support.clock import Clock


@pytest.fixture
def clock(db: Db) -> Clock:
    return Clock(db)


@pytest.fixture
def admin(create_user: CreateUser, db: Db) -> dict[str, str]:
    """The Authorization of an administrator called boss."""
    headers: dict[str, str] = create_user("boss")["headers"]
    db.execute("update app.users set role = 'admin' where username = 'boss'")
    return headers
