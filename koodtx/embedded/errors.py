"""Why no private server can be started."""

from koodtx.processes.errors import ProcessFailed


class EmbeddedError(ProcessFailed):
    """A private server cannot be provided or run. The message says what to do."""


class Unavailable(EmbeddedError):
    """One kind of PostgreSQL or Redis cannot be provided on this machine; another may be."""
