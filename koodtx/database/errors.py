"""What goes wrong with the database's structure."""

from koodtx.errors import KoodtxError


class MigrationError(KoodtxError):
    """The database could not be migrated."""
