"""Every error that a caller can receive: its class, HTTP status, problem type and SQLSTATE.

The docstring of a class is the default `detail` of its errors.
"""

from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct


class FieldError(Struct):
    """One field that is wrong."""

    field: Annotated[str, Meta(description="Path of the field in the request.", examples=["session.start_time"])]
    message: str


class KoodtxError(Exception):
    """The server could not complete the request."""

    status: ClassVar[int] = 500
    problem: ClassVar[str] = "internal-error"
    sqlstate: ClassVar[str | None] = None

    def __init__(self, detail: str | None = None, *, retry_after_s: int | None = None, **extra: Any) -> None:
        self.detail = detail or (self.__doc__ or "").strip()
        self.retry_after_s = retry_after_s
        self.extra = extra
        super().__init__(self.detail)


class SettingsError(KoodtxError):
    """A setting is missing or not valid."""


class MigrationError(KoodtxError):
    """The database could not be migrated."""


class BackupError(KoodtxError):
    """The database could not be backed up or restored."""


class Malformed(KoodtxError):
    """The request body is not valid."""

    status = 400
    problem = "malformed"


class CursorInvalid(KoodtxError):
    """The cursor was not issued by this server, or was modified: pull again without a cursor."""

    status = 400
    problem = "cursor-invalid"


class NotAuthenticated(KoodtxError):
    """An access token is required: log in."""

    status = 401
    problem = "not-authenticated"


class WrongCredentials(KoodtxError):
    """The user name, e-mail address or password is wrong."""

    status = 401
    problem = "wrong-credentials"


class TokenInvalid(KoodtxError):
    """The token is not valid, has expired or was revoked."""

    status = 401
    problem = "token-invalid"


class NotAllowed(KoodtxError):
    """This account is not allowed to do this."""

    status = 403
    problem = "not-allowed"


class NotFound(KoodtxError):
    """The resource does not exist or is not accessible to this account."""

    status = 404
    problem = "not-found"


class BodyTooSlow(KoodtxError):
    """The request body did not arrive in time: try again."""

    status = 408
    problem = "body-too-slow"


class Taken(KoodtxError):
    """The user name or e-mail address is already in use."""

    status = 409
    problem = "taken"


class SessionDeleted(KoodtxError):
    """The session was deleted, and its session_id cannot be used again."""

    status = 410
    problem = "session-deleted"
    sqlstate = "KX410"


class Resync(KoodtxError):
    """The server was restored after it issued this cursor: pull without a cursor, then push all stored readings."""

    status = 410
    problem = "resync"


class TooLarge(KoodtxError):
    """The request is too large."""

    status = 413
    problem = "too-large"


class UnsupportedMedia(KoodtxError):
    """The content type or encoding is not supported."""

    status = 415
    problem = "unsupported-media"


class Invalid(KoodtxError):
    """A value is not valid."""

    status = 422
    problem = "invalid"


class PushIdReused(KoodtxError):
    """This push_id was already used with a different body: use a new push_id per batch."""

    status = 422
    problem = "push-id-reused"
    sqlstate = "KX422"


class TooMany(KoodtxError):
    """Too many requests: try again later."""

    status = 429
    problem = "too-many-requests"


class QuotaExceeded(KoodtxError):
    """This account has stored its maximum number of readings."""

    status = 429
    problem = "quota-exceeded"
    sqlstate = "KX429"


class DatabaseUnavailable(KoodtxError):
    """The database is not reachable: try again later."""

    status = 503
    problem = "database-unavailable"


def all_errors(root: type[KoodtxError] = KoodtxError) -> list[type[KoodtxError]]:
    """Returns every error class of this module except the root.

    Errors that never reach an API caller are defined in other modules and not included.
    """
    children = [child for child in root.__subclasses__() if child.__module__ == __name__]
    return [error for child in children for error in (child, *all_errors(child))]


BY_SQLSTATE: dict[str, type[KoodtxError]] = {error.sqlstate: error for error in all_errors() if error.sqlstate}


def invalid_field(field: str, message: str) -> Invalid:
    """The error of one field that is wrong."""
    return Invalid(f"{field} {message}", errors=[FieldError(field, message)])
