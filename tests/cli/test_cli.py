"""The command `koodtx`: what it lists, what it imports, and how it fails."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from koodtx.cli import koodtx, main

pytestmark = pytest.mark.unit

# Each takes a tenth of a second or more to import.
SLOW = ("litestar", "psycopg", "taskiq", "granian", "redis", "koodtx.settings")


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    env = {name: value for name, value in os.environ.items() if not name.startswith("KOODTX_")} | environment
    command = [sys.executable, "-m", "koodtx", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_help_lists_all_commands_and_imports_nothing_slow() -> None:
    program = f"""
import sys
from koodtx.cli import main
try:
    main(["--help"])
finally:
    print([name for name in {SLOW} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")
    for name in koodtx.commands:
        assert re.search(rf"\b{name}\b", done.stdout), name


@pytest.mark.parametrize("name", list(koodtx.commands))
def test_help_of_a_command_begins_with_its_line_in_the_list(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"Usage: koodtx {name}" in capsys.readouterr().out
    _, command, _ = koodtx.resolve_command(koodtx.make_context("koodtx", [name]), [name])
    assert command is not None
    assert (command.help or "").startswith((koodtx.commands[name].help or "").rstrip("."))


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["serve", "--port", "many"], ["jobs", "show", "not-an-id"]])
def test_wrong_arguments_exit_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Usage:" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_version() -> None:
    assert re.fullmatch(r"koodtx \d+\.\d+\.\d+\n", run("--version").stdout)


@pytest.mark.parametrize(
    "arguments", [["retention", "--data-dir", "{}", "show"], ["retention", "show", "--data-dir", "{}"]]
)
def test_settings_of_a_running_up_are_found_by_its_data_folder(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "env").write_text("KOODTX_DATABASE_URL=postgresql://127.0.0.1:9/x\nKOODTX_SECRET_KEY=short\n")
    done = run(*[word.format(tmp_path) for word in arguments])
    assert done.returncode == 2
    assert done.stderr.startswith("koodtx: ")
    assert "KOODTX_SECRET_KEY" in done.stderr
    assert done.stderr.count("\n") == 1
