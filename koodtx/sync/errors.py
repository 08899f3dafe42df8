"""Why a push or a pull is rejected."""

from koodtx.errors import FieldError, Invalid, KoodtxError


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


class PushReplaced(KoodtxError):
    """Another push replaces this one and was applied: forget this one, do not send it again."""

    status = 409
    problem = "push-replaced"
    sqlstate = "KX409"


class EndBeforeStart(Invalid):
    """A session must not end before it starts."""

    sqlstate = "KX423"

    def __init__(self) -> None:
        field, message = "session.end_time", "is before session.start_time"
        super().__init__(f"{field} {message}", errors=[FieldError(field, message)])


class PushIdReused(KoodtxError):
    """This push_id was already used with a different body: use a new push_id per batch."""

    status = 422
    problem = "push-id-reused"
    sqlstate = "KX422"


class QuotaExceeded(KoodtxError):
    """This account has stored its maximum number of readings."""

    status = 429
    problem = "quota-exceeded"
