"""Files that only their owner reads: passwords, the secret key, the URLs of a running trial."""

import os
import secrets
from pathlib import Path

from koodtx.embedded.account import Account


def kept_secret(path: Path, account: Account | None = None) -> str:
    """The 256-bit secret in `path`, made at the first call."""
    if not path.exists():
        write_private(path, secrets.token_hex(32), account)
    return path.read_text().strip()


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Write `text` with mode 0600, whole or not at all, owned by `account`."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    if account is not None:
        os.chown(draft, account.uid, account.gid)
    draft.replace(path)
