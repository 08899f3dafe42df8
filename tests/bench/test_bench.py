"""The benchmarks run at tiny sizes and count correctly; their speed is not tested."""

import pytest

from bench.__main__ import main
from bench.figures import Figure
from bench.measure import in_turns, percentile


@pytest.mark.long
@pytest.mark.integration
def test_rows_run_on_private_servers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["push", "push-columns", "wire", "pull", "exports", "--small"]) == 0
    table = capsys.readouterr().out
    assert "readings/s over HTTP" in table
    assert "bytes per reading in columns and gzip" in table
    assert "COPY of the same text" in table
    assert "exports, parquet, growth" in table


@pytest.mark.unit
def test_an_unknown_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["pushes"])
    assert "pushes is not one of push, push-columns" in capsys.readouterr().err


@pytest.mark.unit
def test_both_ways_are_timed_alternately() -> None:
    calls: list[tuple[str, int]] = []
    in_turns(lambda number: calls.append(("a", number)), lambda number: calls.append(("b", number)), 2)
    assert calls == [("b", 0), ("a", 0), ("a", 1), ("b", 1), ("b", 2), ("a", 2)]


@pytest.mark.unit
def test_percentile() -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], 0.99) == 100
    assert percentile([1.0], 0.99) == 1


@pytest.mark.unit
@pytest.mark.parametrize(
    ("value", "is_at_least", "is_met"), [(0.4, True, True), (0.39, True, False), (0.41, False, False)]
)
def test_goal(value: float, is_at_least: bool, is_met: bool) -> None:
    figure = Figure(row="push", value=value, goal=0.4, is_at_least=is_at_least, measured="", against="")
    assert figure.is_met is is_met
