"""The benchmarks of jobs run at tiny sizes and count correctly; their speed is not tested."""

import pytest

from bench.__main__ import main


@pytest.mark.long
@pytest.mark.integration
def test_rows_of_jobs_run_on_private_servers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analysis", "same-question", "live", "shares", "recommendations", "--small"]) == 0
    table = capsys.readouterr().out
    assert "one plain aggregate" in table
    assert "same question again" in table
    assert "20 of 20" in table
    assert "│ shares " in table
    assert "│ recommendations " in table
