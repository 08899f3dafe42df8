"""New lines of a script: checked, and matched with those that it has, so that takes and bookmarks stay with them."""

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import NamedTuple

from koodtx.errors import invalid_field
from koodtx.scripts.messages import MAX_ACTOR, MAX_LINE, NewToken
from koodtx.scripts.store import LineToPut
from koodtx.scripts.texts import one_line, some_text


class KnownLine(NamedTuple):
    """A line that the script has."""

    id: int
    line_no: int
    text: str


class GivenLine(NamedTuple):
    """A line of the new list. `id`: which it was before, if it says so."""

    id: int | None
    text: str


def checked_line(token: NewToken, field: str) -> LineToPut:
    """Raises Invalid, naming the field within `field`."""
    if token.end_time is not None and (token.start_time is None or token.end_time <= token.start_time):
        raise invalid_field(f"{field}.end_time", "must be later than start_time")
    return LineToPut(
        id=token.token_id,
        text=some_text(token.text, f"{field}.text", MAX_LINE),
        actor=None if token.actor is None else one_line(token.actor, f"{field}.actor", MAX_ACTOR),
        start_s=token.start_time,
        end_s=token.end_time,
    )


def matched(known: Sequence[KnownLine], given: Sequence[GivenLine], field: str) -> list[int | None]:
    """Returns for each given line the id of the known line that it is; None: it is new.

    It is the line whose id it names; else one of the same text, the first ones first; else the line at its place, whose
    text was edited. Raises Invalid for an id that is not of this script, or comes twice, naming the place in `field`.
    """
    found = _named(known, given, field)
    left = [line for line in known if line.id not in found]
    same: defaultdict[str, deque[int]] = defaultdict(deque)
    for line in left:
        same[line.text].append(line.id)
    for place, new in enumerate(given):
        if found[place] is None and same[new.text]:
            found[place] = same[new.text].popleft()
    taken = set(found)
    at_place = {line.line_no: line.id for line in left if line.id not in taken}
    return [at_place.get(place) if line_id is None else line_id for place, line_id in enumerate(found, 1)]


def _named(known: Sequence[KnownLine], given: Sequence[GivenLine], field: str) -> list[int | None]:
    ids = {line.id for line in known}
    named: set[int] = set()
    for place, line in enumerate(given):
        if line.id is None:
            continue
        if line.id not in ids:
            raise invalid_field(f"{field}[{place}].token_id", "is not a line of this script")
        if line.id in named:
            raise invalid_field(f"{field}[{place}].token_id", "is there twice")
        named.add(line.id)
    return [line.id for line in given]
