"""What the built-in rules find, against Python, and what they say of it."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.recommendations.recommender import Day, Finding, Texts
from koodtx.recommendations.rules import RulesRecommender
from koodtx.recommendations.texts import ADVICE, PRAISE, UNKNOWN
from tests.recommendations.people import DAY, create, note
from tests.support.aliases import Client, Db, Document
from tests.support.readings import START, reading
from tests.support.requests import push, push_body

ZONES = ("Asia/Seoul", "America/Havana", "Europe/Berlin", "Pacific/Apia", "UTC")
RECORDED = date(2025, 10, 9)
RULES = ["weekly_exercise", "steps", "moderate_minutes", "food_energy", "late_food"]


def findings(db: Db, user: int, day: date = DAY) -> dict[str, tuple[Any, ...]]:
    """Value and whether it is met, by rule, in the order of importance."""
    rows = db.execute("select rule, value, is_met from app.day_findings(%s, %s)", [user, day]).fetchall()
    return {rule: tuple(rest) for rule, *rest in rows}


@pytest.mark.integration
def test_without_data_nothing_is_judged(db: Db) -> None:
    (user,) = create(db, 1)
    assert findings(db, user) == dict.fromkeys(RULES, (None, None))
    assert list(findings(db, user)) == RULES


@pytest.mark.integration
@pytest.mark.parametrize("zone", ZONES)
def test_exercise_of_seven_local_days_counts(db: Db, zone: str) -> None:
    """Of 2026-03-08 the first hour is missing in Havana, as clocks are set forward at midnight."""
    day = date(2026, 3, 8)
    (user,) = create(db, 1, zone)
    last = start_of(day + timedelta(days=1), zone)
    first = start_of(day - timedelta(days=6), zone)
    second = timedelta(seconds=1)
    for at, minutes in ((first, 100), (last - second, 49.5), (first - second, 7), (last, 9)):
        note(db, [user], "exercise", at, minutes=minutes)
    assert findings(db, user, day)["weekly_exercise"] == (149.5, False)
    note(db, [user], "exercise", first, minutes=0.5)
    assert findings(db, user, day)["weekly_exercise"] == (150, True)


def start_of(day: date, zone: str) -> Any:
    """The first instant of a local day."""
    at = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    # A time that clocks leave out is read as if they had not been set.
    return at if at.astimezone(ZoneInfo(zone)).date() == day else at + timedelta(hours=1)


@pytest.mark.integration
def test_an_exercise_without_minutes_has_those_of_its_session(client: Client, user: Document, db: Db) -> None:
    number = user["user"]["id"]
    push(client, user["headers"], push_body([reading()], "walk", end_time="2025-10-09T09:38:20Z"))
    note(db, [number], "exercise", START, minutes=None)
    assert findings(db, number, RECORDED)["weekly_exercise"] == (None, None)
    db.execute("update app.diary_records set session_id = 'walk'")
    assert findings(db, number, RECORDED)["weekly_exercise"] == (45, False)
    # With a record of unknown length too little may be known, but not too much.
    note(db, [number], "exercise", START, minutes=None)
    assert findings(db, number, RECORDED)["weekly_exercise"] == (45, None)
    note(db, [number], "exercise", START, minutes=105)
    assert findings(db, number, RECORDED)["weekly_exercise"] == (150, True)


@pytest.mark.integration
def test_energy_is_known_if_all_food_has_it(db: Db) -> None:
    (user,) = create(db, 1)
    note(db, [user], "food")
    note(db, [user], "food")
    db.execute("update app.diary_records set energy_kcal = 1000")
    assert findings(db, user)["food_energy"] == (2000, True)
    db.execute("update app.diary_records set energy_kcal = 1000.5")
    assert findings(db, user)["food_energy"] == (2001, False)
    note(db, [user], "food")
    assert findings(db, user)["food_energy"] == (None, None)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("at", "hour", "is_met"),
    [
        ("20:59:59.999", 20.99999972, True),
        ("21:00", 21, True),
        ("21:00:00.001", 21.0000003, False),
        ("23:30", 23.5, False),
    ],
)
def test_late_food_is_by_the_local_clock(db: Db, at: str, hour: float, is_met: bool) -> None:
    (user,) = create(db, 1, "Asia/Seoul")
    note(db, [user], "food", "2026-03-02T08:00:00+09:00")
    note(db, [user], "food", f"2026-03-02T{at}+09:00")
    assert findings(db, user)["late_food"] == (pytest.approx(hour), is_met)


@pytest.mark.integration
def test_steps_and_active_minutes_are_those_of_the_day(client: Client, user: Document, db: Db) -> None:
    """Of a walk of 25 minutes at 2 steps per second, and the same after its readings are archived."""
    number = user["user"]["id"]
    swing = [9.81, 12.0, 14.0, 12.0, 9.81, 7.5, 6.0, 7.5, 9.0, 9.4]
    items = [reading(50 * place, x=0.0, y=0.0, z=swing[place % 10]) for place in range(25 * 60 * 20)]
    push(client, user["headers"], push_body(items))
    query = "select steps, mad_moderate_minutes from analytics.user_activity(%s, %s, %s)"
    ((steps, minutes),) = db.execute(query, [number, RECORDED, RECORDED]).fetchall()
    found = findings(db, number, RECORDED)
    # Of half an hour nobody knows how many steps the day had.
    assert (found["steps"], found["moderate_minutes"]) == ((steps, None), (minutes, True))
    assert 2900 < steps < 3100
    assert minutes == pytest.approx(25, abs=1)
    push(
        client,
        user["headers"],
        push_body(reading(60_000 * place + 25, x=0.0, y=0.0, z=9.81) for place in range(25, 620)),
    )
    assert findings(db, number, RECORDED)["steps"] == (steps, False)
    db.execute("select app.archive_readings(id) from app.recording_sessions")
    assert findings(db, number, RECORDED)["steps"] == (steps, False)
    assert findings(db, number, RECORDED)["moderate_minutes"] == found["moderate_minutes"]


@pytest.mark.unit
def test_every_rule_has_sentences() -> None:
    assert list(ADVICE) == RULES


def recommended(*found: Finding) -> Texts:
    return asyncio.run(RulesRecommender().recommend(Day(DAY, [], [], list(found))))


@pytest.mark.unit
def test_the_first_rule_that_is_not_met_is_what_the_advice_is_about() -> None:
    made = recommended(
        Finding("weekly_exercise", 150, 150, "min", True),
        Finding("steps", None, 8000, "steps", None),
        Finding("food_energy", 2345.2, 2000, "kcal", False),
        Finding("late_food", 22.5, 21, "h", False),
    )
    assert made.rules == ["food_energy"]
    assert made.en == "Your food had 2,346 kcal on this day. Try to stay near the reference of 2,000 kcal a day."
    assert made.ko == "이날 2,346kcal를 드셨어요. 하루 기준치인 2,000kcal에 가깝게 드셔 보세요."
    assert "22:30" in recommended(Finding("late_food", 22.5, 21, "h", False)).ko


@pytest.mark.unit
def test_all_met_is_praised_and_nothing_known_is_not() -> None:
    met, unknown = Finding("steps", 9000, 8000, "steps", True), Finding("late_food", None, 21, "h", None)
    assert recommended(met, unknown) == Texts(*PRAISE, rules=["steps"])
    assert recommended(unknown) == Texts(*UNKNOWN, rules=[])


@pytest.mark.unit
@given(
    st.sampled_from([
        ("weekly_exercise", 150.0, "min"), ("steps", 8000.0, "steps"), ("moderate_minutes", 150 / 7, "min"),
        ("food_energy", 2000.0, "kcal"), ("late_food", 21.0, "h"),
    ]),
    st.floats(0, 1e6),
)  # fmt: skip
def test_advice_never_shows_the_threshold_as_the_value(rule: tuple[str, float, str], measured: float) -> None:
    name, threshold, unit = rule
    if unit == "h":
        measured %= 24
    if measured == threshold:
        return
    made = recommended(Finding(name, measured, threshold, unit, False))
    assert any("가" <= letter <= "힣" for letter in made.ko)
    numbers = [word.strip(".,") for word in made.en.split() if word[0].isdigit() and word != "7"]
    assert len(numbers) == 2
    assert numbers[0] != numbers[1]
