"""A download ends when the right to it does, however slowly it is read."""

import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from koodtx.settings import Settings
from tests.exports.conftest import LONG
from tests.exports.slow import LIMITS, begin, long_push, open_snapshots
from tests.faults.raw_http import drained
from tests.sharing.people import Person
from tests.support.aliases import Db
from tests.support.marks import long_except
from tests.support.requests import push, register
from tests.support.serving import serving
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.integration]

_WITHIN_S = 5


class Study:
    """Mina shares a session of several megabytes, more than a connection holds unread, with Joon."""

    def __init__(self, service: httpx.Client) -> None:
        self.service = service
        self.mina, self.joon = (Person(service, register(service, name)) for name in ("mina", "joon"))
        for number in range(4):
            push(service, self.mina.headers, long_push(start_ms=number * LONG * 10))
        self.team = self.mina.create_team()
        self.mina.invite(self.team, self.joon)
        self.joon.join(self.team)
        self.share_id = self.mina.share_session("walk", self.team)


@pytest.fixture
def study(settings: Settings) -> Iterator[Study]:
    with serving(settings, LIMITS) as service:
        yield Study(service)


def unshare(study: Study, db: Db) -> None:
    study.mina.ask("DELETE", f"/api/v1/shares/{study.share_id}", status=204)


def forbid_to_download(study: Study, db: Db) -> None:
    study.mina.share_session("walk", study.team, can_download=False)


def expire(study: Study, db: Db) -> None:
    db.execute("update app.shares set expires_at = app.now()")


def leave(study: Study, db: Db) -> None:
    study.joon.leave(study.team)


def delete(study: Study, db: Db) -> None:
    study.mina.ask("DELETE", "/api/sessions/walk", status=204)


def disable(study: Study, db: Db) -> None:
    db.execute("update app.users set is_active = false where username = 'joon'")


WAYS = {way.__name__: way for way in (unshare, forbid_to_download, expire, leave, delete, disable)}


@pytest.mark.parametrize("way", long_except(WAYS, "unshare"))
def test_a_download_is_cut_off_when_its_right_is_lost(study: Study, db: Db, way: str) -> None:
    whole = len(study.service.get("/api/sessions/walk/download?format=csv", headers=study.mina.headers).content)
    with closing(begin(study.service, study.joon.headers, f"&share_id={study.share_id}")) as connection:
        wait_until(lambda: open_snapshots(db) == 1, 10, "the download")

        WAYS[way](study, db)
        lost_at = time.monotonic()
        wait_until(lambda: open_snapshots(db) == 0, 10, "the end of the download")

        assert time.monotonic() - lost_at < _WITHIN_S
        rest = drained(connection)
        # What was under way arrives; the end, an empty chunk, does not.
        assert len(rest) < whole // 2
        assert not rest.endswith(b"0\r\n\r\n")


def test_others_go_on_to_their_end(study: Study, db: Db) -> None:
    """Of the owner nothing is lost, and a share that is changed but still allows it changes nothing."""
    share = f"&share_id={study.share_id}"
    with (
        closing(begin(study.service, study.mina.headers)) as owner,
        closing(begin(study.service, study.joon.headers, share)) as member,
    ):
        wait_until(lambda: open_snapshots(db) == 2, 10, "both downloads")
        study.mina.share_session("walk", study.team, can_view=False)
        # Longer than until the right is asked for the second time.
        time.sleep(7)
        assert open_snapshots(db) == 2
        for connection in (owner, member):
            assert drained(connection, until=b"0\r\n\r\n").endswith(b"0\r\n\r\n")
