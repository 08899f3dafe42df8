"""The summary that the demo prints at its end."""

from typing import NamedTuple

from rich.table import Table

_NEXT_STEPS = """
While it runs, try the API:
  in the browser   {base_url}/docs/  (log in as {username}, password {password})
  with curl        curl -s {base_url}/api/auth/login -H 'Content-Type: application/json' \
-d '{{"username": "{username}", "password": "{password}"}}'
  with psql        connect as in the line `Database` above and repeat the analysis (docs/analysts.md has more):
                   select jsonb_pretty(analytics.session_analysis(recording_id))
                   from analytics.sessions where user_id = {user_id} and session_id = '{session_id}';
"""


class Step(NamedTuple):
    """Result and duration of a step. `wire_bytes` counts requests and replies as they were sent."""

    title: str
    readings: int
    outcome: dict[str, int]
    seconds: float
    wire_bytes: int


def table(steps: list[Step]) -> Table:
    """Returns a table with a row per step."""
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


def next_steps(base_url: str, username: str, password: str, user_id: int, session_id: str) -> str:
    """Returns suggestions for what to try next."""
    return _NEXT_STEPS.format(
        base_url=base_url, username=username, password=password, user_id=user_id, session_id=session_id
    )
