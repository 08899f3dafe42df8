"""What an analyst passes wrongly is named, with what is allowed, whatever the recording holds."""

import psycopg
import pytest

from tests.support.aliases import Ask, Record
from tests.support.readings import reading_at

pytestmark = pytest.mark.integration

_NO_SECONDS = ("0", "'-1'", "1e300", "'NaN'", "'Infinity'", "'-Infinity'")
_WRONG = [
    *[("session_epochs({session}, _epoch_s => %s)", "_epoch_s", number) for number in _NO_SECONDS],
    *[("session_epochs({session}, _unit => %s)", "_unit", number) for number in _NO_SECONDS],
    *[("session_activity({session}, _unit => %s)", "_unit", number) for number in _NO_SECONDS],
    *[("session_nonwear({session}, _step_s => %s)", "_step_s", number) for number in _NO_SECONDS],
    *[("session_nonwear({session}, _window_s => %s)", "_window_s", number) for number in _NO_SECONDS],
    *[("session_nonwear({session}, _unit => %s)", "_unit", number) for number in _NO_SECONDS],
    ("session_nonwear({session}, _step_s => 900, _window_s => %s)", "_window_s must be a multiple of _step_s", "1000"),
    *[("dominant_frequency({session}, _step_hz => %s)", "_step_hz", number) for number in _NO_SECONDS],
    *[("dominant_frequency({session}, _min_hz => %s)", "_min_hz", number) for number in _NO_SECONDS[1:]],
    *[("dominant_frequency({session}, _max_hz => %s)", "_max_hz", number) for number in _NO_SECONDS[1:]],
    ("dominant_frequency({session}, _max_hz => 1000, _step_hz => %s)", "_max_hz - _min_hz", "0.00001"),
    *[("session_heart_rate_zones({session}, _max_bpm => %s)", "_max_bpm", number) for number in _NO_SECONDS[1:]],
    *[("session_heart_rate_zones({session}, _age => %s)", "_age", number) for number in _NO_SECONDS[1:]],
    *[
        ("session_heart_rate_zones({session}, 190, _percents => %s)", "_percents", numbers)
        for numbers in ("'{50, NULL}'", "'{50, NaN}'", "'{50, Infinity}'", "'{-1, 50}'")
    ],
    ("user_rollups({user}, _width => %s)", "_width must be one of minute, hour, day", "'week'"),
    ("user_percentiles({user}, _width => %s)", "_width must be one of hour, day", "'minute'"),
]


@pytest.mark.parametrize(("call", "named", "value"), _WRONG)
def test_a_wrong_parameter_is_named(record: Record, ask: Ask, call: str, named: str, value: str) -> None:
    motion = [reading_at(second, "accelerometer", x=1.0, y=0.0, z=9.8) for second in range(3)]
    session = record([*motion, *(reading_at(second, "heart_rate", heart_rate=60) for second in range(3))])
    user = ask("select id from analytics.users")[0]["id"]
    query = "select * from analytics." + call.format(session=session, user=user) % value
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=named.replace("(", r"\(")):
        ask(query)
    # And one that is not known when the query is planned.
    kind = "text" if "width" in call else "float8[]" if "_percents" in call else "float8"
    late = call.format(session=session, user=user) % f"given.it::{kind}"
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=named.replace("(", r"\(")):
        ask(f"select r.* from (select {value}::text as it offset 0) as given, lateral analytics.{late} as r")


@pytest.mark.parametrize(
    "call",
    [
        "session_epochs({session}, _unit => null)", "session_nonwear({session}, _unit => null)",
        "session_nonwear({session}, _step_s => 0.1, _window_s => 0.3)", "session_epochs({session}, _epoch_s => 7)",
        "dominant_frequency({session}, _min_hz => 0)", "dominant_frequency({session}, _min_hz => 9, _max_hz => 1)",
    ],
)  # fmt: skip
def test_what_is_allowed_is_answered(record: Record, ask: Ask, call: str) -> None:
    session = record([reading_at(second, "accelerometer", x=1.0, y=0.0, z=9.8) for second in range(3)])
    rows = ask("select * from analytics." + call.format(session=session))
    assert bool(rows) == ("epochs" in call or "_min_hz => 0" in call or "0.3" in call)


def test_epochs_are_counted_from_a_monday(record: Record, ask: Ask) -> None:
    """2000-01-03, of any length."""
    session = record([reading_at(second, "accelerometer", x=1.0, y=0.0, z=9.8) for second in range(60)])
    rows = ask(
        "select extract(epoch from at - timestamptz '2000-01-03 00:00Z')::float8 as s"
        " from analytics.session_epochs(%s, _epoch_s => 7)", session
    )  # fmt: skip
    assert len(rows) in (9, 10)
    assert {row["s"] % 7 for row in rows} == {0}
