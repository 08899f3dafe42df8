"""Percentiles of sketches: values computed with numpy, the promised accuracy, and merging."""

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.sketch import at_rank, sketch
from tests.support.recordings import campus, nab, strapdown

pytestmark = pytest.mark.integration

_FRACTIONS = [0.05, 0.5, 0.95, 0.99]


def of_campus(axis):
    rows = [row["data"] for row in campus() if row["sensor_type"] == "accelerometer"]
    return [row["x"] if axis == "x" else math.sqrt(sum(value * value for value in row.values())) for row in rows]


def of_drive():
    return [row["data"]["speed"] for row in strapdown() if row["sensor_type"] == "gps"]


def series(name):
    return [row["data"]["value"] for row in nab(name)]


_COLUMNS = {
    "ethz magnitude": (lambda: of_campus("magnitude"), 55, [7.92497370, 9.67964927, 12.0616742, 13.8742925]),
    "ethz x": (lambda: of_campus("x"), 438, [-0.990000000, 0.123672335, 0.878047720, 1.53720269]),
    "drive speed": (of_drive, 177, [0, 7.46344424, 10.9138177, 11.5887137]),
    "ambient": (
        lambda: series("ambient_temperature_system_failure"), 21, [63.4396043, 71.5282402, 77.4858242, 79.0511944],
    ),
    "jumpsup": (lambda: series("art_daily_jumpsup"), 78, [18.3576614, 21.5430301, 87.3653723, 152.951010]),
    "flatline": (lambda: series("art_flatline"), 1, [45.1539158] * 4),
    "speed": (lambda: series("speed_7578"), 57, [51.9396087, 66.0287117, 71.5282402, 75.9514515]),
}  # fmt: skip


@pytest.mark.parametrize("name", _COLUMNS)
def test_percentiles_of_published_recordings(ask, name):
    column, buckets, expected = _COLUMNS[name]
    [row] = ask(
        """
        with s as (select analytics.sketch(v) as sketch from unnest(%s::float8[]) as v)
        select (select count(*) from jsonb_object_keys(s.sketch)) as buckets,
            array(select analytics.approx_percentile(s.sketch, q) from unnest(%s::float8[]) as q) as percentiles
        from s
        """,
        column(),
        _FRACTIONS,
    )
    assert row["buckets"] == buckets
    assert row["percentiles"] == pytest.approx(expected, rel=1e-8)


_VALUES = st.lists(st.floats(), max_size=60)
_BOTH = (
    "select analytics.sketch_of(%s::float8[]) as sketch, analytics.approx_percentile(analytics.sketch_of(%s), %s) as p"
)


@given(_VALUES, st.floats(0, 1))
def test_a_percentile_is_within_one_percent_of_the_value_at_its_rank(ask, values, fraction):
    """Of any doubles: negative, zero, denormal and huge ones; NaN and infinite ones are left out."""
    [row] = ask(_BOTH, values, values, fraction)
    assert row["sketch"] == sketch(values)
    finite = [value for value in values if math.isfinite(value)]
    if finite:
        assert row["p"] == pytest.approx(at_rank(finite, fraction), rel=0.01 + 1e-9, abs=1e-300)
    else:
        assert row["p"] is None


@pytest.mark.parametrize(
    "value", [0.0, -0.0, 5e-324, -5e-324, 1e-300, -1e-300, 1.0, -1.0, sys.float_info.max, -sys.float_info.max]
)
def test_the_ends_of_the_range_of_doubles(ask, value):
    [row] = ask(_BOTH, [value], [value], 0.5)
    assert row["sketch"] == sketch([value])
    assert row["p"] == pytest.approx(value, rel=0.01 + 1e-9, abs=1e-300)


@given(_VALUES, _VALUES)
def test_merged_sketches_are_the_sketch_of_all(ask, first, second):
    [row] = ask(
        """
        select analytics.sketch_of(a || b) as whole, (
            select coalesce(analytics.merged_sketch(s), '{}')
            from (values (analytics.sketch_of(a)), (analytics.sketch_of(b)), (null)) as v (s)
        ) as merged
        from (select %s::float8[] as a, %s::float8[] as b) as n
        """,
        first,
        second,
    )
    assert row["merged"] == row["whole"]


@given(_VALUES)
def test_the_aggregate_is_the_sketch_of_its_values(ask, values):
    [row] = ask("select analytics.sketch(v) as sketch from unnest(%s::float8[]) as v", [*values, None])
    assert row["sketch"] == sketch(values)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_the_order_of_buckets_is_that_of_values(ask, first, second):
    [row] = ask(
        "select analytics.sketch_bucket(%s) as less, analytics.sketch_bucket(%s) as more", *sorted((first, second))
    )
    assert row["less"] <= row["more"]


def test_no_values_have_no_percentile(ask):
    [row] = ask(
        """
        select analytics.approx_percentile(analytics.sketch(null::float8), 0.5) as empty,
            analytics.approx_percentile(null, 0.5) as missing,
            analytics.approx_percentile('{"40001": 3}', 1.5) as outside,
            analytics.approx_percentile('{"40001": 3}', 'NaN') as nan,
            analytics.approx_percentile('{"40001": 3}', null) as unknown,
            analytics.merged_sketch(null::jsonb) as merged
        """
    )
    assert set(row.values()) == {None}
