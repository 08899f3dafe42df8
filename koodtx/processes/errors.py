"""What goes wrong with programs of other people."""

from koodtx.errors import KoodtxError


class ProcessFailed(KoodtxError):
    """A program could not be started, failed, or took too long. The message says what to do."""
