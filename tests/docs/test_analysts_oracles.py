"""Questions of docs/analysts.md that no function answers alone, against values computed from the recordings' files."""

import math
from collections import defaultdict
from collections.abc import Iterator
from statistics import correlation, fmean, stdev
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.docs.answers import PAGE, questions
from tests.docs.loaded import campus
from tests.docs.pages import read
from tests.oracles.sketch import at_rank, bucket
from tests.support.aliases import Ask, Readings, Rows
from tests.support.recordings import geotec, strapdown

pytestmark = pytest.mark.integration

_QUESTIONS = questions(read(PAGE))


@pytest.fixture
def ask(analysts_url: str) -> Iterator[Ask]:
    """Rows of a query, as dicts, for an analyst."""
    with psycopg.connect(analysts_url, autocommit=True, row_factory=dict_row) as connection:

        def call(query: str, *parameters: Any) -> Rows:
            return connection.execute(query, parameters or None).fetchall()

        yield call


def answers(ask: Ask, heading: str) -> list[Rows]:
    found = [ask(question.sql) for question in _QUESTIONS if question.heading == heading]
    assert found, "no such question"
    return found


def magnitudes(readings: Readings) -> dict[int, float]:
    """By millisecond; of readings that share one the last is kept."""
    return {
        reading["timestamp"]: math.hypot(*(reading["data"][axis] for axis in "xyz"))
        for reading in readings
        if reading["sensor_type"] == "accelerometer"
    }


def bins(readings: Readings) -> dict[int, float]:
    """Mean magnitude by 20 ms."""
    found = defaultdict(list)
    for at, magnitude in magnitudes(readings).items():
        found[at // 20].append(magnitude)
    return {at: fmean(values) for at, values in found.items()}


def test_two_devices_agree_as_far_as_their_bins(ask: Ask) -> None:
    phone, watch = bins(geotec("sp")), bins(geotec("sw"))
    both = sorted(phone.keys() & watch.keys())
    differences = [watch[at] - phone[at] for at in both]
    bias, std = fmean(differences), stdev(differences)
    [[row]] = answers(ask, "Do two devices agree?")
    assert row == {
        "bins": len(both),
        "r": pytest.approx(correlation([phone[at] for at in both], [watch[at] for at in both]), rel=1e-9),
        "bias": pytest.approx(bias, rel=1e-9),
        "std": pytest.approx(std, rel=1e-9),
        "lower_limit": pytest.approx(bias - 1.96 * std, rel=1e-9),
        "upper_limit": pytest.approx(bias + 1.96 * std, rel=1e-9),
    }
    # The published comparison of these two recordings.
    assert (row["bins"], row["r"]) == (599, pytest.approx(0.272674744281, rel=1e-9))


def test_the_median_of_a_day_is_within_one_percent_of_the_value_at_its_rank(ask: Ask) -> None:
    speeds = [row["data"]["speed"] for row in strapdown() if row["sensor_type"] == "gps"]
    [day], hours = answers(ask, "What is the median of each day?")
    assert (day["count"], sum(hour["count"] for hour in hours)) == (len(speeds), len(speeds))
    assert bucket(day["median"]) == bucket(at_rank(speeds, 0.5))
    assert day["median"] == pytest.approx(at_rank(speeds, 0.5), rel=0.01)


def test_minutes_of_the_arms_of_a_study_are_those_with_readings(ask: Ask) -> None:
    def minutes(*recordings: Readings) -> int:
        return sum(
            len({reading["timestamp"] // 60_000 for reading in readings if reading["sensor_type"] == "accelerometer"})
            for readings in recordings
        )

    [rows] = answers(ask, "How do the arms of a study compare?")
    found = {row["arm"]: (row["users"], row["days"], row["minutes"]) for row in rows}
    # The phone and the watch of user 3 recorded the same minute.
    assert found == {"control": (1, 1, minutes(campus())), "walking": (2, 3, minutes(strapdown(), geotec("sp")))}
