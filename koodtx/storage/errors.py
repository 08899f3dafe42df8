"""Why a file cannot be stored or read."""

from koodtx.errors import KoodtxError, NotFound


class LinkExpired(KoodtxError):
    """The link has expired: get a new one."""

    status = 410
    problem = "link-expired"


class StorageUnavailable(KoodtxError):
    """The storage of files is not reachable: try again later."""

    status = 503
    problem = "storage-unavailable"
    is_retryable = True


class ObjectGone(NotFound):
    """The file was removed."""
