"""What a recommender is given, and what it returns."""

from datetime import date
from typing import Protocol

from msgspec import Struct

from koodtx.errors import KoodtxError


class Food(Struct, frozen=True):
    """A food record. `hour`: of the user's local time."""

    hour: int
    what: str
    energy_kcal: float | None
    tags: list[str]


class Exercise(Struct, frozen=True):
    """An exercise record; minutes and metres are those of its session where the record has none."""

    hour: int
    activity: str
    minutes: float | None
    distance_m: float | None


class Finding(Struct, frozen=True):
    """What a rule says of the day. `value` is None without data, `is_met` also if the data do not decide it."""

    rule: str
    value: float | None
    threshold: float
    unit: str
    is_met: bool | None


class Day(Struct, frozen=True):
    """A user's day: no name, e-mail address, id or position."""

    date: date
    foods: list[Food]
    exercises: list[Exercise]
    findings: list[Finding]


class Texts(Struct, frozen=True):
    """The recommendation, in Korean and English. `rules`: those it is based on."""

    ko: str
    en: str
    rules: list[str]


class RecommenderFailed(KoodtxError):
    """The recommender has no recommendation for this day; the next run tries again. `detail` is saved."""


class Recommender(Protocol):
    """`name` is saved with each recommendation."""

    name: str

    async def recommend(self, day: Day) -> Texts:
        """Raises RecommenderFailed."""
        ...
