"""Three people, a team of two of them, and a clock."""

import pytest

from tests.sharing.people import Person
from tests.support.aliases import Client, CreateUser, Db
from tests.support.clock import Clock


@pytest.fixture
def mina(client: Client, create_user: CreateUser) -> Person:
    """Has a session and leads the team."""
    person = Person(client, create_user("mina"))
    person.record()
    return person


@pytest.fixture
def joon(client: Client, create_user: CreateUser) -> Person:
    """A member of the team."""
    return Person(client, create_user("joon"))


@pytest.fixture
def sora(client: Client, create_user: CreateUser) -> Person:
    """A stranger."""
    return Person(client, create_user("sora"))


@pytest.fixture
def team(mina: Person, joon: Person) -> str:
    team_id = mina.create_team()
    mina.invite(team_id, joon)
    joon.join(team_id)
    return team_id


@pytest.fixture
def clock(db: Db) -> Clock:
    return Clock(db)
