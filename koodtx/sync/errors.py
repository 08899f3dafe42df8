"""Why a push or a pull is rejected."""

from koodtx.errors import KoodtxError


class CursorInvalid(KoodtxError):
    """The cursor was not issued by this server, or was modified: pull again without a cursor."""

    status = 400
    problem = "cursor-invalid"


class SessionDeleted(KoodtxError):
    """The session was deleted, and its session_id cannot be used again."""

    status = 410
    problem = "session-deleted"
    sqlstate = "KX410"


class Resync(KoodtxError):
    """The server was restored after it issued this cursor: pull without a cursor, then push all stored readings."""

    status = 410
    problem = "resync"


class PushTookTooLong(KoodtxError):
    """The database took too long to store this batch, and nothing of it was stored: halve it."""

    status = 413
    problem = "push-took-too-long"


class PushIdReused(KoodtxError):
    """This push_id was already used with a different body: use a new push_id per batch."""

    status = 422
    problem = "push-id-reused"
    sqlstate = "KX422"


class QuotaExceeded(KoodtxError):
    """This account has stored its maximum number of readings."""

    status = 429
    problem = "quota-exceeded"
