"""Why a record is refused."""

from koodtx.errors import KoodtxError


class RecordDeleted(KoodtxError):
    """The record was deleted, and its record_id cannot be used again."""

    status = 410
    problem = "record-deleted"
