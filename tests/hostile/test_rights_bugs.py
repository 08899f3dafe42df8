"""The authorisation matrix finds every planted wrong policy."""

import itertools
import time

import pytest

from tests.hostile.bugs import BUGS
from tests.hostile.running import RunWorld
from tests.support.marks import long_except
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.auth]

# The planted bug that make test has too.
_QUICK = "who views may download"


@pytest.mark.parametrize("name", long_except(BUGS, _QUICK))
def test_a_wrong_policy_is_found(name: str, run_world: RunWorld) -> None:
    with run_world(BUGS[name]) as running:
        matrix = running.matrix
        wrong = next(itertools.chain(matrix.read(), matrix.streams(), matrix.refused(), matrix.changed()), None)
    assert wrong is not None


def test_a_member_who_is_disabled_is_nobody_within_5_s(run_world: RunWorld) -> None:
    """Answers about logins are kept for 3 s, however often they are asked for."""
    with run_world() as running:
        url = f"/api/v1/analysis/{running.world.things['shared']['viewer']['job_id']}/result"

        def status() -> int:
            return running.client.get(url, headers=running.world.headers["viewer"]).status_code

        assert status() == 200
        running.db.execute("update app.users set is_active = false where username = 'viewer'")
        disabled_at = time.monotonic()
        wait_until(lambda: status() == 401, 10, "the end of the login")
        assert time.monotonic() - disabled_at < 5
