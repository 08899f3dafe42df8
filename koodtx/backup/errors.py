"""What goes wrong with a backup or a restore."""

from koodtx.errors import KoodtxError


class BackupError(KoodtxError):
    """The database could not be backed up or restored."""
