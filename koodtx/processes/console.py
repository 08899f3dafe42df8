"""Progress of a command, for a terminal or a log file."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text


class Progress:
    """Prints one line per finished step; at a terminal also what is being done at the moment."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    @property
    def is_terminal(self) -> bool:
        """False when the output goes to a file or a pipe, which others may read."""
        return self._console.is_terminal

    def say(self, line: str) -> None:
        self._console.print(Text(line))

    def complain(self, line: str) -> None:
        self._console.print(Text(line, style="bold red"))

    @contextmanager
    def step(self, doing: str, title: str, done: str = "ready") -> Iterator[None]:
        """Surrounds some work: `title  done in 0.9 s` if it succeeds, nothing if it raises."""
        began = time.monotonic()
        # Plain characters: not every terminal or log can show the finer spinners.
        with self._console.status(Text(f"{doing} ..."), spinner="line"):
            yield
        took = f"  {done} in {time.monotonic() - began:.1f} s"
        self._console.print(Text.assemble((title, "bold"), took))
