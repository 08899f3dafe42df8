"""What may be wrong with a new share."""

from datetime import UTC, datetime
from uuid import UUID

from koodtx.errors import NotAllowed, NotFound, invalid_field
from koodtx.sharing.messages import NewShare
from koodtx.sharing.store import Outcome

# Beyond it, a time in another zone may have a year that Python cannot represent.
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def check(new: NewShare) -> None:
    """Raises Invalid, naming the field. Whether the time has passed is decided by the database's clock."""
    if not new.can_view and not new.can_download:
        raise invalid_field("can_view", "or can_download must be true; to end a share, delete it")
    if new.expires_at is not None and new.expires_at >= _LATEST:
        raise invalid_field("expires_at", f"must lie before the year {_LATEST.year}")


def share_id_of(outcome: Outcome) -> UUID:
    """Returns the share that was made or changed. Raises NotFound, NotAllowed, Invalid."""
    if outcome.outcome == "expired":
        raise invalid_field("expires_at", "must lie in the future")
    if outcome.outcome == "not_lead":
        raise NotAllowed("only leads of the team may share with it")
    if outcome.share_id is None:
        raise NotFound
    return outcome.share_id
