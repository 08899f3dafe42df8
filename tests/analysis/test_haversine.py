"""analytics.haversine_m: the metre between two points."""

from math import pi

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.haversine import RADIUS_M, distance_m

pytestmark = pytest.mark.integration

# The columns hold 0 and what is not below 1e-100; squares of less than 1e-154 underflow.
latitudes = st.floats(-90, 90).map(lambda degrees: degrees if abs(degrees) >= 1e-100 else 0.0)
longitudes = st.floats(-180, 180).map(lambda degrees: degrees if abs(degrees) >= 1e-100 else 0.0)
points = st.lists(st.tuples(latitudes, longitudes, latitudes, longitudes), min_size=1, max_size=50)

Points = list[tuple[float, float, float, float]]


def haversine(db: psycopg.Connection, pairs: Points) -> list[float]:
    """The whole batch in one statement."""
    columns = [list(column) for column in zip(*pairs, strict=True)]
    rows = db.execute(
        "select analytics.haversine_m(a, b, c, d)"
        " from unnest(%s::float8[], %s::float8[], %s::float8[], %s::float8[]) with ordinality as p (a, b, c, d, n)"
        " order by n",
        columns,
    )
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("pair", "metres"),
    [
        ((0, 0, 0, 1), RADIUS_M * pi / 180),
        ((0, 0, 90, 0), RADIUS_M * pi / 2),
        ((0, 0, 0, 180), RADIUS_M * pi),
        ((90, 0, -90, 77), RADIUS_M * pi),
        ((0, 179.5, 0, -179.5), RADIUS_M * pi / 180),
        ((37.5, -180, 37.5, 180), 0),
        ((89.999, 0, 89.999, 180), RADIUS_M * pi / 180 * 0.002),
    ],
)
def test_known_distances(db, pair, metres):
    assert haversine(db, [pair]) == pytest.approx([metres], rel=1e-9, abs=1e-6)


@given(points)
def test_equals_the_angle_between_vectors(db, pairs):
    expected = [distance_m(*pair) for pair in pairs]
    # Near opposite points the sine is flat: half of the digits are left, a few centimetres.
    assert haversine(db, pairs) == pytest.approx(expected, rel=1e-9, abs=0.2)


@given(points)
def test_symmetric_and_never_more_than_half_the_equator(db, pairs):
    there = haversine(db, pairs)
    back = haversine(db, [(c, d, a, b) for a, b, c, d in pairs])
    assert there == back
    assert all(0 <= metres <= RADIUS_M * pi for metres in there)


@given(st.lists(st.tuples(latitudes, longitudes), min_size=1, max_size=50))
def test_zero_at_identity_and_finite_at_antipodes(db, places):
    assert haversine(db, [(a, b, a, b) for a, b in places]) == [0] * len(places)
    opposite = haversine(db, [(a, b, -a, b - 180 if b > 0 else b + 180) for a, b in places])
    assert opposite == pytest.approx([RADIUS_M * pi] * len(places), rel=1e-7)


@given(points)
def test_a_whole_turn_of_longitude_changes_nothing(db, pairs):
    turned = haversine(db, [(a, b + 360, c, d) for a, b, c, d in pairs])
    assert turned == pytest.approx(haversine(db, pairs), rel=1e-9, abs=0.2)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("place", range(4))
def test_null_when_a_coordinate_is_no_number(db, value, place):
    points = [[1.0, 2.0, 3.0, 4.0] for _ in range(2)]
    points[0][place] = value
    points[1] = [value] * 4
    assert haversine(db, [tuple(point) for point in points]) == [None, None]
