"""`python -m bench [row ...] [--small] [--readings N]` prints a table of ratios, each measured in one run."""

import argparse
import os
import platform
import sys
from collections.abc import Callable

import msgspec

from bench.analysis import analysis, same_question
from bench.exports import exports
from bench.figures import Figure, print_table
from bench.growth import growth
from bench.live import live
from bench.memory import memory
from bench.phones import many_phones
from bench.pull import pull
from bench.push import push, push_columns, re_push, wire
from bench.recommendations import recommendations
from bench.rollups import clean_up, refresh, rollups
from bench.servers import Servers, private_servers
from bench.shares import shares
from bench.sizes import SMALL, Sizes
from bench.storage import storage
from bench.user_rollups import user_rollups

ROWS: dict[str, Callable[[Servers, Sizes], list[Figure]]] = {
    "push": push,
    "push-columns": push_columns,
    "wire": wire,
    "re-push": re_push,
    "phones": many_phones,
    "pull": pull,
    "exports": exports,
    "shares": shares,
    "recommendations": recommendations,
    "analysis": analysis,
    "same-question": same_question,
    "live": live,
    "storage": storage,
    "rollups": rollups,
    "user-rollups": user_rollups,
    "clean-up": clean_up,
    "refresh": refresh,
    "growth": growth,
    "memory": memory,
}


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    sizes = SMALL if options.small else Sizes()
    if options.readings:
        sizes = msgspec.structs.replace(
            sizes,
            grown_readings=options.readings,
            others_readings=options.readings,
            exported_readings=options.readings,
        )
    figures: list[Figure] = []
    with private_servers() as servers:
        for name in options.rows or ROWS:
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures += ROWS[name](servers, sizes)
        print_table(figures, f"{servers.title}, Python {platform.python_version()}, {os.cpu_count()} cores")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Runs the benchmarks of KooDTX on private servers."
    )
    parser.add_argument("rows", nargs="*", type=_row, metavar="row", help=f"{', '.join(ROWS)} (default: all)")
    parser.add_argument("--small", action="store_true", help="tiny sizes, to check that the benchmarks run")
    parser.add_argument(
        "--readings",
        type=int,
        help="readings stored before the row growth (default: 5,000,000), of others in user-rollups (2,000,000), "
        "of the session in exports (1,000,000)",
    )
    return parser


def _row(name: str) -> str:
    if name not in ROWS:
        raise argparse.ArgumentTypeError(f"{name} is not one of {', '.join(ROWS)}")
    return name


if __name__ == "__main__":
    sys.exit(main())
