"""The data folder of `koodtx up`."""

import os
from pathlib import Path

from koodtx.embedded import EmbeddedError


def make_data_dir(folder: Path) -> None:
    """0711 for root, so that the account which runs PostgreSQL for root can pass through; all files are 0600."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise EmbeddedError(f"Cannot make {folder}: {error.strerror}. Choose another with --data-dir.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EmbeddedError(f"You may not write to {folder}: choose another with --data-dir.")


def remembered_kind(folder: Path) -> str | None:
    """The kind of PostgreSQL that made the data: it goes on serving them, whatever could be had by now."""
    memo = folder / "postgres.kind"
    return memo.read_text().strip() if memo.exists() else None


def remember_kind(folder: Path, kind: str) -> None:
    (folder / "postgres.kind").write_text(kind + "\n")
