"""`koodtx create-admin`"""

from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.accounts.command import create_admin
from koodtx.errors import Invalid, Taken
from koodtx.settings import Settings
from tests.support.settings import PASSWORD

pytestmark = [pytest.mark.auth, pytest.mark.integration]


def test_an_admin_can_log_in(client: TestClient[Litestar], settings: Settings) -> None:
    create_admin(settings, "root", "root@example.org", PASSWORD)
    reply = client.post("/api/auth/login", json={"username": "root", "password": PASSWORD})
    assert reply.json()["user"]["role"] == "admin"


def test_taken_and_invalid(settings: Settings, db: psycopg.Connection[Any]) -> None:
    create_admin(settings, "root", "root@example.org", PASSWORD)
    with pytest.raises(Taken, match="email is taken"):
        create_admin(settings, "other", "ROOT@example.org", PASSWORD)
    with pytest.raises(Invalid, match="password"):
        create_admin(settings, "other", "other@example.org", "short")
    assert db.execute("select count(*) from app.users").fetchone() == (1,)
