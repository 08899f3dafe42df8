"""Every error that a caller can meet: its class, HTTP status, problem type and SQLSTATE, in one place."""

from typing import Any, ClassVar


class KoodtxError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    problem: ClassVar[str] = "internal-error"
    sqlstate: ClassVar[str | None] = None
    # Whether the same may go well later: a job that ends by it is tried again.
    is_retryable: ClassVar[bool] = False

    def __init__(self, detail: str | None = None, *, retry_after_s: int | None = None, **extra: Any) -> None:
        self.detail = detail or (self.__doc__ or "").strip()
        self.retry_after_s = retry_after_s
        self.extra = extra
        super().__init__(self.detail)


class SettingsError(KoodtxError):
    """A setting is missing or wrong."""


class MigrationError(KoodtxError):
    """The database could not be migrated."""


class BackupError(KoodtxError):
    """The database could not be backed up or restored."""


class Malformed(KoodtxError):
    """The request is not well-formed."""

    status = 400
    problem = "malformed"


class CursorInvalid(KoodtxError):
    """The cursor is not one of ours, or was changed."""

    status = 400
    problem = "cursor-invalid"


class NotAuthenticated(KoodtxError):
    """Log in first."""

    status = 401
    problem = "not-authenticated"


class WrongCredentials(KoodtxError):
    """Wrong user name, e-mail or password."""

    status = 401
    problem = "wrong-credentials"


class TokenInvalid(KoodtxError):
    """The token is wrong, expired or revoked."""

    status = 401
    problem = "token-invalid"


class NotAllowed(KoodtxError):
    """You may not do this."""

    status = 403
    problem = "not-allowed"


class NotFound(KoodtxError):
    """There is no such thing, or it is not yours."""

    status = 404
    problem = "not-found"


class BodyTooSlow(KoodtxError):
    """The request body took too long."""

    status = 408
    problem = "body-too-slow"


class Taken(KoodtxError):
    """That name is taken."""

    status = 409
    problem = "taken"


class SessionDeleted(KoodtxError):
    """This session was deleted; its id never comes back."""

    status = 410
    problem = "session-deleted"
    sqlstate = "KX410"


class Resync(KoodtxError):
    """The server was restored since this cursor was made: pull again without a cursor, then push all you hold."""

    status = 410
    problem = "resync"


class TooLarge(KoodtxError):
    """The request is too large."""

    status = 413
    problem = "too-large"


class UnsupportedMedia(KoodtxError):
    """This content type or encoding is not supported."""

    status = 415
    problem = "unsupported-media"


class Invalid(KoodtxError):
    """A value is not valid."""

    status = 422
    problem = "invalid"


class PushIdReused(KoodtxError):
    """This push_id was used for another body in this session."""

    status = 422
    problem = "push-id-reused"
    sqlstate = "KX422"


class TooMany(KoodtxError):
    """Too many requests: try again later."""

    status = 429
    problem = "too-many-requests"
    is_retryable = True


class QuotaExceeded(KoodtxError):
    """The quota of stored readings is used up."""

    status = 429
    problem = "quota-exceeded"
    sqlstate = "KX429"


class DatabaseUnavailable(KoodtxError):
    """The database cannot be reached just now: try again."""

    status = 503
    problem = "database-unavailable"
    is_retryable = True


def all_errors(root: type[KoodtxError] = KoodtxError) -> list[type[KoodtxError]]:
    """Every class of this module, the root left out. Other modules have some of their own, which no caller meets."""
    children = [child for child in root.__subclasses__() if child.__module__ == __name__]
    return [error for child in children for error in (child, *all_errors(child))]


BY_SQLSTATE: dict[str, type[KoodtxError]] = {error.sqlstate: error for error in all_errors() if error.sqlstate}
