"""PostgreSQL's log names nobody: no statement fails on what a user sent."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import sql

from koodtx.accounts.command import add_admin
from koodtx.accounts.errors import Taken
from koodtx.database.migrate import migrate
from koodtx.settings import Settings
from tests.support.aliases import Client
from tests.support.openid_issuer import CLIENT_ID, OpenidIssuer, openid_issuer
from tests.support.settings import PASSWORD
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.auth, pytest.mark.api]

SECRET = "canary"


class Log:
    """What the server wrote since the test began."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start = path.stat().st_size

    def text(self) -> str:
        return self._path.read_bytes()[self._start :].decode(errors="replace")


@pytest.fixture
def issuer() -> Iterator[OpenidIssuer]:
    with openid_issuer() as issuer:
        yield issuer


@pytest.fixture
def settings(settings: Settings, db: psycopg.Connection[Any], issuer: OpenidIssuer) -> Settings:
    """Of a database that logs errors, as servers do; the tests' own server logs nothing."""
    query = sql.SQL("alter database {} set log_min_messages = 'warning'")
    db.execute(query.format(sql.Identifier(db.info.dbname)))
    return msgspec.structs.replace(settings, google_issuer=issuer.url, google_client_ids=CLIENT_ID)


@pytest.fixture
def log(database_url: str, settings: Settings) -> Iterator[Log]:
    """The log of the test's server; an error at the end of the test shows that it is there."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute("show data_directory").fetchone()
        assert row is not None
        path = Path(row[0]).parent / "server.log"
        if not path.exists():
            pytest.skip("the server's log is not on this machine")
        log = Log(path)
        yield log
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("select 1 from the_log_of_the_server")
        wait_until(lambda: "the_log_of_the_server" in log.text(), 5)
        assert SECRET not in log.text().casefold()


def account(name: str, email: str) -> dict[str, str]:
    return {"username": name, "email": email, "password": PASSWORD, "device_id": f"{SECRET}-device"}


@pytest.mark.usefixtures("log")
def test_no_account_is_named_in_the_log(client: Client, settings: Settings, db: psycopg.Connection[Any]) -> None:
    first = account(f"{SECRET}-name", f"{SECRET}@example.org")
    user = client.post("/api/auth/register", json=first).json()
    headers = {"Authorization": f"Bearer {user['access_token']}"}
    for name, email in [
        (f"{SECRET}-NAME", "b@example.org"),
        ("b", f"{SECRET}@Example.org"),
        (f"{SECRET}-name", SECRET),
    ]:
        assert client.post("/api/auth/register", json=account(name, email)).status_code in (409, 422)
    with pytest.raises(Taken):
        add_admin(settings, f"{SECRET}-name", "b@example.org", PASSWORD)
    with ThreadPoolExecutor(4) as threads:
        at_once = account(f"{SECRET}-at-once", f"{SECRET}-at-once@example.org")
        list(threads.map(lambda _: client.post("/api/auth/register", json=at_once), range(4)))
        list(threads.map(lambda _: client.post("/api/auth/login", json=first), range(4)))
    for value in (f"{SECRET}\ud7ff", f"{SECRET}\uffff", f"{SECRET}'; --", f"{SECRET}\\u0000"):
        client.patch("/api/auth/me", json={"name": value, "timezone": value}, headers=headers)
        client.post("/api/auth/login", json=first | {"username": value, "device_id": value})
        client.delete(f"/api/auth/devices/{SECRET}", headers=headers)
        client.post("/api/auth/refresh", json={"refresh_token": value})
    db.execute("update app.users set username_key = null, email_key = null")
    migrate(settings, say=lambda line: None)


@pytest.mark.usefixtures("log")
def test_no_identity_is_named_in_the_log(client: Client, issuer: OpenidIssuer) -> None:
    first = account(f"{SECRET}-name", f"{SECRET}@example.org")
    headers = {"Authorization": f"Bearer {client.post('/api/auth/register', json=first).json()['access_token']}"}
    for number, email in enumerate([first["email"], f"{SECRET}-2@example.org", f"{SECRET}\0@example.org", "a" * 300]):
        for subject in (f"{SECRET}-{number}", SECRET * 60, f"{SECRET}\0"):
            token = issuer.token(sub=subject, email=email, email_verified=True, name=SECRET, preferred_username=SECRET)
            with ThreadPoolExecutor(4) as threads:
                at_once = {"json": {"id_token": token, "device_id": SECRET}}
                list(threads.map(lambda _, sent=at_once: client.post("/api/auth/google", **sent), range(4)))
            client.post("/api/auth/identities", json={"id_token": token}, headers=headers)
