"""The measured values and their table."""

from msgspec import Struct
from rich.console import Console
from rich.table import Table


class Figure(Struct):
    """A measured value and its goal: a minimum if `is_at_least`, otherwise a maximum."""

    row: str
    value: float
    goal: float
    is_at_least: bool
    measured: str
    against: str
    unit: str = ""

    @property
    def is_met(self) -> bool:
        return self.value >= self.goal if self.is_at_least else self.value <= self.goal


def print_table(figures: list[Figure], title: str) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("row")
    table.add_column("ratio or size", justify="right")
    table.add_column("goal", justify="right")
    table.add_column("")
    table.add_column("measured")
    table.add_column("against")
    for figure in figures:
        sign = ">=" if figure.is_at_least else "<="
        table.add_row(
            figure.row,
            f"{figure.value:.2f}" if not figure.unit else f"{figure.value:.0f} {figure.unit}",
            f"{sign} {figure.goal:g} {figure.unit}".rstrip(),
            "met" if figure.is_met else "[red]missed",
            figure.measured,
            figure.against,
        )
    console = Console()
    # A file or a pipe has no width.
    console.width = console.width if console.is_terminal else 160
    console.print(table)
