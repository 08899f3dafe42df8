"""The command `koodtx`: collects the commands of all rooms, each imported only when it is used."""

import sys
from importlib import import_module

import rich_click as click

from koodtx import __version__
from koodtx.errors import KoodtxError

# Name: the module, and the help that `koodtx --help` shows without importing it.
_COMMANDS = {
    "up": ("koodtx.embedded.command", "Everything in the foreground: PostgreSQL, Redis, API, worker, scheduler."),
    "demo": ("koodtx.demo.command", "Everything, and a real recording played through it."),
    "serve": ("koodtx.serve", "The API."),
    "worker": ("koodtx.worker_command", "Runs jobs."),
    "scheduler": ("koodtx.worker_command", "Starts jobs at their scheduled times."),
    "scorer": ("koodtx.scorer.command", "The analysis server for trials: scores takes against their reference audio."),
    "jobs": ("koodtx.jobs.command", "Starts, lists, shows, retries and cancels jobs."),
    "maintenance": ("koodtx.maintenance.command", "Runs a maintenance task in this process."),
    "retention": ("koodtx.maintenance.command", "Shows or changes how long data are kept."),
    "schedules": ("koodtx.schedules.command", "Lists, adds, removes and runs schedules."),
    "scripts": ("koodtx.scripts.command", "Imports scripts, their lines and reference audio."),
    "cache": ("koodtx.analysis.command", "Clears the cache of results."),
    "migrate": ("koodtx.database.command", "Updates the database to this version."),
    "doctor": ("koodtx.doctor.command", "Shows what is wrong on this machine, and how to fix it."),
    "create-admin": ("koodtx.accounts.command", "Creates an administrator's account."),
    "backup": ("koodtx.backup.command", "Writes the whole database to one file, while the service runs."),
    "restore": ("koodtx.backup.command", "Restores the database from a file; clients do a full resync."),
    "sync-epoch": ("koodtx.database.command", "Begins a new sync epoch after a copy of the database's files."),
}


class LazyGroup(click.RichGroup):
    """Lists commands by their help alone, and imports the one that is called (`create-admin` as `create_admin`)."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None:
            if name in ("jobs", "schedules"):
                # They find the tasks that are registered; the rooms of both know no room with tasks.
                import_module("koodtx.tasks")
            command = getattr(import_module(_COMMANDS[name][0]), name.replace("-", "_"))
        return name, command, rest


koodtx = LazyGroup(
    name="koodtx",
    help="The backend of a mobile sensing app.",
    commands=[click.Command(name, help=help_text) for name, (_, help_text) in _COMMANDS.items()],
    context_settings={"help_option_names": ["-h", "--help"]},
)
click.version_option(__version__, message="koodtx %(version)s")(koodtx)


def main(words: list[str] | None = None) -> int:
    """Runs a command; returns its exit code, or exits with it. Errors that a person can fix are one line."""
    try:
        koodtx.main(words, prog_name="koodtx")
    except KoodtxError as error:
        print(f"koodtx: {error}", file=sys.stderr)
        return 2
    except UnicodeEncodeError as error:
        # Python keeps bytes of a command line that are not UTF-8 as surrogates. A file may be called so, nothing else.
        if error.encoding != "utf-8":
            raise
        print(f"koodtx: {error.object!a} is not valid UTF-8", file=sys.stderr)
        return 2
    return 0
