"""The command `koodtx`. Each command imports what it needs, so that `koodtx --help` is quick."""

import argparse
import os
import sys
from collections.abc import Callable
from getpass import getpass
from pathlib import Path
from uuid import UUID

from koodtx import __version__
from koodtx.errors import KoodtxError
from koodtx.maintenance import arguments

_DATA_DIR = Path(".koodtx")


def main(words: list[str] | None = None) -> int:
    """Runs a command; its exit code. Errors that a person can mend are one line without a traceback."""
    options = _parser().parse_args(words)
    try:
        return int(options.run(options))
    except KoodtxError as error:
        print(f"koodtx: {error}", file=sys.stderr)
        return 2


def up(options: argparse.Namespace) -> int:
    """Everything in the foreground."""
    from koodtx.embedded.up import run_up

    return run_up(options.host, options.port, options.data_dir, options.workers, options.postgres)


def demo(options: argparse.Namespace) -> int:
    """Everything, and a real recording played through it."""
    from koodtx.demo import run_demo
    from koodtx.embedded.up import run_up

    def play(base_url: str) -> int | None:
        code = run_demo(base_url)
        return code if options.exit or code != 0 else None

    return run_up(options.host, options.port, options.data_dir, options.workers, options.postgres, play)


def migrate(options: argparse.Namespace) -> int:
    """Brings the database to the state of this version."""
    from koodtx.database.migrate import migrate as run
    from koodtx.settings import load

    done = run(load(_environment(options)))
    if not done.migrations and not done.is_sql_applied:
        print("nothing to do")
    return 0


def serve(options: argparse.Namespace) -> int:
    """The API."""
    from koodtx.serve import run_server

    return run_server(options.host, options.port, options.workers)


def worker(options: argparse.Namespace) -> int:
    """Runs jobs (taskiq worker koodtx.worker:broker)."""
    from koodtx.worker_command import run_worker

    return run_worker(options.workers, options.lanes)


def scheduler(options: argparse.Namespace) -> int:
    """Starts jobs by their schedules (taskiq scheduler koodtx.worker:scheduler)."""
    from koodtx.worker_command import run_scheduler

    return run_scheduler()


def jobs(options: argparse.Namespace) -> int:
    """Starts jobs, shows them, cancels them, or queues them again."""
    from koodtx.jobs import command
    from koodtx.settings import load

    settings = load(_environment(options))
    if options.what == "start":
        import koodtx.tasks  # noqa: F401 - registers them

        command.start_job(settings, options.task, options.arguments, options.run_at, options.delay)
    elif options.what == "list":
        command.show_jobs(settings, options.status, options.limit)
    elif options.what == "show":
        command.show_job(settings, options.job_id)
    elif options.what == "retry":
        command.retry_job(settings, options.job_id)
    else:
        command.cancel_job(settings, options.job_id)
    return 0


def maintenance(options: argparse.Namespace) -> int:
    """Runs a maintenance task here and now."""
    from koodtx.maintenance import command
    from koodtx.maintenance.run import Options
    from koodtx.settings import load

    chosen = Options(days=options.days, hours=options.hours, dry_run=options.dry_run, confirm=options.confirm)
    command.run_task(load(_environment(options)), options.task, chosen)
    return 0


def retention(options: argparse.Namespace) -> int:
    """How long things are kept."""
    from koodtx.maintenance import command
    from koodtx.settings import load

    settings = load(_environment(options))
    if options.what == "show":
        command.show(settings)
    else:
        command.change(settings, options.name, options.days)
    return 0


def schedules(options: argparse.Namespace) -> int:
    """What is started by itself."""
    from koodtx.schedules import command
    from koodtx.settings import load

    settings = load(_environment(options))
    if options.what == "list":
        command.show_schedules(settings)
    else:
        command.init_schedules(settings, is_forced=options.force)
    return 0


def cache_clear(options: argparse.Namespace) -> int:
    """Drops what is cached."""
    from koodtx.analysis.cache import clear
    from koodtx.settings import load

    print(f"{clear(load(_environment(options)).redis_url)} dropped")
    return 0


def doctor(options: argparse.Namespace) -> int:
    """What is wrong, and how to mend it."""
    from koodtx.embedded.doctor import run_doctor

    return run_doctor(options.data_dir)


def create_admin(options: argparse.Namespace) -> int:
    """An administrator's account. The password is asked for, or read from standard input."""
    from koodtx.accounts.command import create_admin as create
    from koodtx.settings import load

    password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    create(load(_environment(options)), options.username, options.email, password)
    print(f"{options.username} is an administrator")
    return 0


def generation_new(options: argparse.Namespace) -> int:
    """A new generation, after a copy of the database's files: every client syncs anew."""
    from koodtx.database.sync_epoch import renew
    from koodtx.settings import load

    print(f"generation {renew(load(_environment(options)))}")
    return 0


def backup(options: argparse.Namespace) -> int:
    """The whole database into one file, while the service runs."""
    from koodtx.backup.dump import backup as run
    from koodtx.backup.programs import Programs
    from koodtx.embedded.supervisor import StopRequested, stop_on_signals
    from koodtx.settings import load

    try:
        with stop_on_signals():
            run(load(_environment(options)), options.file, Programs(_embedded_kind(options)))
    except StopRequested:
        print("koodtx: stopped; no file was written", file=sys.stderr)
        return 1
    return 0


def restore(options: argparse.Namespace) -> int:
    """The database as it was when the file was made; clients sync anew."""
    from redis.exceptions import RedisError

    from koodtx.analysis.cache import clear
    from koodtx.backup.programs import Programs
    from koodtx.backup.restore import restore as run
    from koodtx.embedded.supervisor import StopRequested, stop_on_signals
    from koodtx.settings import load

    settings = load(_environment(options))
    try:
        with stop_on_signals():
            run(settings, options.file, Programs(_embedded_kind(options)), replace=options.replace)
    except StopRequested:
        print("koodtx: stopped; the database is as it was", file=sys.stderr)
        return 1
    try:
        if settings.redis_url:
            # Results are cached by the version of a job, which has gone back.
            clear(settings.redis_url)
    except RedisError as error:
        print(f"koodtx: run `koodtx cache clear` when Redis is back: {error}", file=sys.stderr)
        return 1
    return 0


def _embedded_kind(options: argparse.Namespace) -> str | None:
    """The kind of PostgreSQL of `koodtx up`, when it is its database that is meant."""
    from koodtx.embedded.data_folder import remembered_kind

    return None if "KOODTX_DATABASE_URL" in os.environ else remembered_kind(options.data_dir)


def _environment(options: argparse.Namespace) -> dict[str, str]:
    """The environment; what a running `koodtx up` has written beside its data fills what is not set."""
    from koodtx.settings import read_env_file

    running = {} if "KOODTX_DATABASE_URL" in os.environ else read_env_file(options.data_dir / "env")
    return running | dict(os.environ)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="koodtx", description="The backend of a mobile sensing app.")
    parser.add_argument("--version", action="version", version=f"koodtx {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    for run in (up, demo):
        command = _add(commands, run, run.__name__)
        _add_address(command, host="127.0.0.1")
        command.add_argument(
            "--postgres", choices=["installed", "debian", "wheel"], help="which PostgreSQL (default: the first)"
        )
        if run is demo:
            command.add_argument("--exit", action="store_true", help="stop after the demonstration")
    _add_address(_add(commands, serve, "serve"), host="0.0.0.0")  # noqa: S104 - a service is reached from outside
    command = _add(commands, worker, "worker")
    command.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    command.add_argument("--lanes", help="jobs to take, the first ones first (default: interactive,batch)")
    _add(commands, scheduler, "scheduler")
    _add_jobs(commands)
    arguments.add_task(_add(commands, maintenance, "maintenance"))
    arguments.add_retention(_add(commands, retention, "retention"))
    arguments.add_schedules(_add(commands, schedules, "schedules"))
    _add(commands, cache_clear, "cache").add_argument("what", choices=["clear"])
    _add(commands, migrate, "migrate")
    _add(commands, doctor, "doctor")
    command = _add(commands, create_admin, "create-admin")
    command.add_argument("username")
    command.add_argument("email")
    _add(commands, backup, "backup").add_argument("file", type=Path, help="to write; must not be there yet")
    command = _add(commands, restore, "restore")
    command.add_argument("file", type=Path, help="that `koodtx backup` wrote")
    command.add_argument("--replace", action="store_true", help="drop what is in the database")
    generation = _add(commands, generation_new, "generation")
    generation.add_argument("what", choices=["new"])
    return parser


def _add_jobs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    whats = _add(commands, jobs, "jobs").add_subparsers(required=True, dest="what", metavar="what")
    start = whats.add_parser("start", help="queue one: koodtx jobs start detect_anomalies recording_id=1 mode=robust")
    start.add_argument("task", help="its name")
    start.add_argument("arguments", nargs="*", metavar="NAME=VALUE", help="the value in JSON, or as it stands")
    when = start.add_mutually_exclusive_group()
    when.add_argument("--at", dest="run_at", metavar="TIME", help="not before: ISO 8601 with a time zone")
    when.add_argument("--in", dest="delay", type=float, metavar="SECONDS", help="not before so many seconds from now")
    listing = whats.add_parser("list", help="the newest")
    listing.add_argument("--status", choices=["queued", "running", "completed", "failed", "cancelled"])
    listing.add_argument("--limit", type=int, default=50)
    for what, help_text in (("show", "all of one"), ("retry", "queue it again"), ("cancel", "end it")):
        whats.add_parser(what, help=help_text).add_argument("job_id", type=UUID)


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", run: Callable[[argparse.Namespace], int], name: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=(run.__doc__ or "").split("\n")[0], description=run.__doc__)
    command.add_argument("--data-dir", type=Path, default=_DATA_DIR, help="of `koodtx up` (default: .koodtx)")
    command.set_defaults(run=run)
    return command


def _add_address(command: argparse.ArgumentParser, *, host: str) -> None:
    command.add_argument("--host", default=host, help=f"address to listen on (default: {host})")
    command.add_argument("--port", type=int, default=5000, help="default: 5000")
    command.add_argument("--workers", type=int, default=1, help="API processes (default: 1)")
