"""The words of `koodtx maintenance`, `koodtx retention` and `koodtx schedules`. Imports nothing that takes time."""

from argparse import ArgumentParser

TASKS = [
    "cleanup_old_sensor_data",
    "enforce_ceiling",
    "cleanup_old_sync_logs",
    "cleanup_failed_sessions",
    "optimize_database",
    "generate_cleanup_report",
]


def add_task(parser: ArgumentParser) -> None:
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--dry-run", action="store_true", help="only tell what would go")
    parser.add_argument("--confirm", action="store_true", help="also when more goes than is usual")
    age = parser.add_mutually_exclusive_group()
    age.add_argument("--days", type=int, help="what is older goes (default: see koodtx retention show)")
    age.add_argument("--hours", type=int, help="the same for cleanup_failed_sessions (default: 24)")


def add_retention(parser: ArgumentParser) -> None:
    whats = parser.add_subparsers(required=True, dest="what", metavar="what")
    whats.add_parser("show", help="the settings, and what is older")
    change = whats.add_parser("set", help="koodtx retention set sensor-data 30")
    change.add_argument("name", choices=["sensor-data", "ceiling", "sync-logs", "columnstore"])
    change.add_argument("days", type=int)


def add_schedules(parser: ArgumentParser) -> None:
    whats = parser.add_subparsers(required=True, dest="what", metavar="what")
    whats.add_parser("list", help="all of them")
    init = whats.add_parser("init", help="make the default ones that are missing")
    init.add_argument("--force", action="store_true", help="also put the others back as they were")
