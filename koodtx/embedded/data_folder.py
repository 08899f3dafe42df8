"""The data folder of `koodtx up`: its secrets, logs and servers, and what other commands read from it."""

import os
import secrets
from pathlib import Path

from koodtx.embedded.errors import EmbeddedError
from koodtx.processes.server_user import ServerUser


def make_data_dir(folder: Path) -> None:
    """Makes the folder, mode 0700. Raises EmbeddedError if that, or writing to it, is not allowed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"Cannot make {folder}: {error.strerror}. Choose another with --data-dir.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EmbeddedError(f"You may not write to {folder}: choose another with --data-dir.")


def remembered_kind(folder: Path) -> str | None:
    """The kind of PostgreSQL that created the data. Later starts use it again, even if a better one is available."""
    file = folder / "postgres.kind"
    return file.read_text().strip() if file.exists() else None


def remember_kind(folder: Path, kind: str) -> None:
    (folder / "postgres.kind").write_text(kind + "\n")


def kept_secret(path: Path, user: ServerUser | None = None) -> str:
    """The 256-bit secret in `path`, made at the first call."""
    if not path.exists():
        write_private(path, secrets.token_hex(32), user)
    return path.read_text().strip()


def write_private(path: Path, text: str, user: ServerUser | None = None) -> None:
    """Writes `text` with mode 0600, whole or not at all, owned by `user`."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    if user is not None:
        os.chown(draft, user.uid, user.gid)
    draft.replace(path)
