"""`koodtx` commands in this process, which spares the start of an interpreter per command."""

import io
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

from koodtx.cli import main
from koodtx.settings import Settings
from tests.support.processes import environment


def run_command(settings: Settings, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with these settings and changes of the environment; returns what a process would."""
    output, errors = io.StringIO(), io.StringIO()
    with (
        patch.dict("os.environ", environment(settings) | changes, clear=True),
        redirect_stdout(output),
        redirect_stderr(errors),
    ):
        try:
            code = main(list(arguments))
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return subprocess.CompletedProcess(["koodtx", *arguments], code, output.getvalue(), errors.getvalue())
