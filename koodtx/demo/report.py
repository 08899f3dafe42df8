"""What the demonstration tells at its end."""

from typing import NamedTuple

from rich.table import Table

_FAREWELL = """
Look around while it runs:
  in the browser   {base_url}/docs/  (log in as {username}, password {password})
  with curl        curl -s {base_url}/api/auth/login -H 'Content-Type: application/json' \
-d '{{"username": "{username}", "password": "{password}"}}'
  with psql        the line `Database` above, then the analysis once more (docs/analysts.md has more to ask):
                   select jsonb_pretty(analytics.session_analysis(recording_id))
                   from analytics.sessions where user_id = {user_id} and session_id = '{session_id}';
"""


class Step(NamedTuple):
    """What a step did and took. `wire_bytes`: of requests and replies, as they were sent."""

    title: str
    readings: int
    outcome: dict[str, int]
    seconds: float
    wire_bytes: int


def table(steps: list[Step]) -> Table:
    """A row a step."""
    shown = Table(box=None, padding=(0, 2, 0, 0))
    shown.add_column(no_wrap=True)
    for name in ("readings", "outcome", "seconds", "readings/s", "MB"):
        shown.add_column(name, justify="left" if name == "outcome" else "right", no_wrap=True)
    for step in steps:
        shown.add_row(
            step.title,
            f"{step.readings:,}",
            ", ".join(f"{count:,} {name}" for name, count in step.outcome.items()),
            f"{step.seconds:.1f}",
            f"{step.readings / step.seconds:,.0f}",
            f"{step.wire_bytes / 1e6:.1f}",
        )
    return shown


def farewell(base_url: str, username: str, password: str, user_id: int, session_id: str) -> str:
    """Where to go from here."""
    return _FAREWELL.format(
        base_url=base_url, username=username, password=password, user_id=user_id, session_id=session_id
    )
