"""Signs what clients keep and give back: cursors, tickets, links, grants. The keys can be changed without a break.

What was signed for one purpose is refused for another: each purpose has a key of its own, derived from the secret.
"""

import hashlib
import re
from functools import lru_cache
from typing import Literal

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode

Purpose = Literal["cursor", "shares cursor", "records cursor", "ticket", "link", "grant"]
# The first signs; what the others have signed is still accepted.
Keys = tuple[str, ...]

# Base64 of the payload and of 32 bytes of HMAC-SHA-256. The last letter has two bits that no byte uses: they are 0.
_SIGNED = re.compile(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


class NotSigned(Exception):
    """The text was not signed with one of the keys for this purpose, or was changed."""


def sign(keys: Keys, purpose: Purpose, payload: bytes) -> str:
    """Returns the payload and its signature as a text of letters, digits, `-`, `_` and `.`. The payload is readable."""
    return _signer(keys, purpose).sign(base64_encode(payload)).decode()


def read(keys: Keys, purpose: Purpose, text: str) -> bytes:
    """Returns the payload of a text that was signed for this purpose. Raises NotSigned."""
    # itsdangerous ignores letters that are not base64, so that one payload would have several texts.
    if not _SIGNED.fullmatch(text):
        raise NotSigned
    try:
        return base64_decode(_signer(keys, purpose).unsign(text))
    except BadSignature as error:
        raise NotSigned from error


@lru_cache(maxsize=64)
def _signer(keys: Keys, purpose: Purpose) -> Signer:
    # The order of itsdangerous is the oldest first.
    return Signer(keys[::-1], salt=f"koodtx {purpose}", key_derivation="hmac", digest_method=hashlib.sha256)
