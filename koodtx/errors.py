"""What all errors have, and those of several rooms; the others are in the `errors.py` of their room.

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
    # Whether the same may succeed later: a job that fails with it is tried again.
    is_retryable: ClassVar[bool] = False

    def __init__(self, detail: str | None = None, *, retry_after_s: int | None = None, **extra: Any) -> None:
        self.detail = detail or (self.__doc__ or "").strip()
        self.retry_after_s = retry_after_s
        self.extra = extra
        super().__init__(self.detail)


class SettingsError(KoodtxError):
    """A setting is missing or not valid."""


class Malformed(KoodtxError):
    """The request body is not valid."""

    status = 400
    problem = "malformed"


class NotAuthenticated(KoodtxError):
    """An access token is required: log in."""

    status = 401
    problem = "not-authenticated"


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


class LimitReached(KoodtxError):
    """There are as many as are allowed."""

    status = 409
    problem = "limit-reached"


class TooLarge(KoodtxError):
    """The request is too large."""

    status = 413
    problem = "too-large"


class RangeNotSatisfiable(KoodtxError):
    """The file ends before the range begins."""

    status = 416
    problem = "range-not-satisfiable"


class Invalid(KoodtxError):
    """A value is not valid."""

    status = 422
    problem = "invalid"


class TooMany(KoodtxError):
    """Too many requests: try again later."""

    status = 429
    problem = "too-many-requests"
    is_retryable = True


class TookTooLong(KoodtxError):
    """The database stopped working on this after a minute: ask for less at once."""

    status = 503
    problem = "took-too-long"
    is_retryable = True


class DatabaseUnavailable(KoodtxError):
    """The database is not reachable: try again later."""

    status = 503
    problem = "database-unavailable"
    is_retryable = True


def all_errors(root: type[KoodtxError] = KoodtxError) -> list[type[KoodtxError]]:
    """Returns every error class with a problem type of its own, of this module and of the rooms that are imported."""
    return [error for error in _descendants(root) if "problem" in vars(error)]


def error_of_sqlstate(sqlstate: str | None) -> type[KoodtxError] | None:
    """Returns the error that a function of the database raises by this SQLSTATE."""
    return next((error for error in _descendants(KoodtxError) if error.sqlstate and error.sqlstate == sqlstate), None)


def _descendants(root: type[KoodtxError]) -> list[type[KoodtxError]]:
    children = root.__subclasses__()
    return children + [error for child in children for error in _descendants(child)]


def invalid_field(field: str, message: str) -> Invalid:
    """The error of one field that is wrong."""
    return Invalid(f"{field} {message}", errors=[FieldError(field, message)])
