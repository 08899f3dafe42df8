"""`koodtx up`"""

import rich_click as click

from koodtx.command_line import address_options, data_dir_option, given_data_dir
from koodtx.embedded.choose import POSTGRES_KINDS

postgres_option = click.option(
    "--postgres", type=click.Choice(POSTGRES_KINDS), help="Which PostgreSQL (default: the first that is available)."
)


@click.command
@address_options("127.0.0.1")
@data_dir_option
@postgres_option
def up(host: str, port: int, workers: int, postgres: str | None) -> None:
    """Everything in the foreground: PostgreSQL, Redis, API, worker, scheduler."""
    from koodtx.embedded.up import run_up

    raise SystemExit(run_up(host, port, given_data_dir(), workers, postgres))
