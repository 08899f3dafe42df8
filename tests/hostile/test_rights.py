"""Every cell of the authorisation matrix (matrix.py) is as its table says."""

from collections.abc import Iterator
from typing import Any

import pytest

from koodtx.accounts.policies import RIGHTS
from tests.hostile.matrix import ALLOWED, ELSEWHERE, LISTS
from tests.hostile.running import Running, RunWorld
from tests.support.databases import rows

pytestmark = [pytest.mark.api, pytest.mark.auth]


@pytest.fixture(scope="module")
def running(run_world: RunWorld) -> Iterator[Running]:
    with run_world() as running:
        yield running


def test_the_table_has_every_right_and_each_is_needed_by_a_route(running: Running) -> None:
    assert {*ALLOWED, *LISTS, *ELSEWHERE} == set(RIGHTS)
    assert {route.right for route in running.matrix.routes} == {*ALLOWED, *LISTS}
    assert len(running.matrix.cells()) > 2000


def test_what_is_refused_changes_nothing(running: Running) -> None:
    """Missing and forbidden have the same status and the same body."""
    before = stored(running)
    assert list(running.matrix.refused()) == []
    assert stored(running) == before


def test_what_may_be_read_is_read(running: Running) -> None:
    assert list(running.matrix.read()) == []


def test_what_may_be_watched_is_watched(running: Running) -> None:
    assert list(running.matrix.streams()) == []


def test_what_may_be_changed_is_changed(running: Running) -> None:
    assert list(running.matrix.changed()) == []


def stored(running: Running) -> dict[str, Any]:
    assert running.settings.migration_database_url is not None
    return rows(running.settings.migration_database_url)
