"""`koodtx demo`"""

import rich_click as click

from koodtx.command_line import address_options, data_dir_option, given_data_dir
from koodtx.demo import run_demo
from koodtx.embedded.command import postgres_option
from koodtx.embedded.up import run_up


@click.command
@address_options("127.0.0.1")
@data_dir_option
@postgres_option
@click.option("--exit", "is_exiting", is_flag=True, help="Stop after the demonstration.")
def demo(host: str, port: int, workers: int, postgres: str | None, is_exiting: bool) -> None:
    """Everything, and a real recording played through it."""

    def play(base_url: str) -> int | None:
        code = run_demo(base_url)
        return code if is_exiting or code != 0 else None

    raise SystemExit(run_up(host, port, given_data_dir(), workers, postgres, play))
