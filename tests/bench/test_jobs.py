"""The rows about jobs, at tiny sizes: whether they run and count right, not how fast."""

import pytest

from bench.__main__ import main


@pytest.mark.integration
def test_rows_of_jobs_run_on_servers_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analysis", "same-question", "live", "--small"]) == 0
    table = capsys.readouterr().out
    assert "one plain aggregate" in table
    assert "question and result, reused" in table
    assert "20 of 20" in table
