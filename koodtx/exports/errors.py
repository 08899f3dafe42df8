"""Errors of the room."""

from koodtx.errors import KoodtxError


class UnknownFormat(KoodtxError):
    """There is no such format."""

    status = 400
    problem = "unknown-format"


class FormatNotInstalled(KoodtxError):
    """This server cannot write Parquet: it was installed without koodtx[archive]. Choose another format."""

    status = 400
    problem = "format-not-installed"


class ResultNotReady(KoodtxError):
    """There is no result: the job has not completed."""

    status = 409
    problem = "result-not-ready"
