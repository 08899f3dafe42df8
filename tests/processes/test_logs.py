"""Log files of child processes."""

from pathlib import Path

import pytest

from koodtx.processes.logs import begin_log, last_lines, last_lines_of

pytestmark = pytest.mark.unit


def test_large_log_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert begin_log(log) == 0
    log.write_bytes(b"x" * 1000)
    assert begin_log(log) == 1000
    log.write_bytes(b"x" * 10_000_000)
    assert begin_log(log) == 0
    assert (tmp_path / "log.1").exists()


def test_last_lines_are_one_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n" + "".join(f"line {number}\n\n" for number in range(9)))
    assert last_lines_of(log, start=7) == "line 5 | line 6 | line 7 | line 8"
    assert last_lines_of(log, start=log.stat().st_size) == last_lines("\n \n") == "(no output)"
