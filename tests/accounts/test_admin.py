"""`koodtx create-admin`"""

from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.accounts.command import add_admin
from koodtx.accounts.errors import Taken
from koodtx.errors import Invalid
from koodtx.settings import Settings
from tests.support.settings import PASSWORD

pytestmark = [pytest.mark.auth, pytest.mark.integration]


def test_an_admin_can_log_in(client: TestClient[Litestar], settings: Settings) -> None:
    add_admin(settings, "root", "root@example.org", PASSWORD)
    reply = client.post("/api/auth/login", json={"username": "root", "password": PASSWORD})
    assert reply.json()["user"]["role"] == "admin"


def test_taken_and_invalid(settings: Settings, db: psycopg.Connection[Any]) -> None:
    add_admin(settings, "root", "root@example.org", PASSWORD)
    with pytest.raises(Taken, match="email is taken"):
        add_admin(settings, "other", "ROOT@example.org", PASSWORD)
    with pytest.raises(Invalid, match="password"):
        add_admin(settings, "other", "other@example.org", "short")
    assert db.execute("select count(*) from app.users").fetchone() == (1,)
