"""Signatures of Standard Webhooks (https://www.standardwebhooks.com, version 1): HMAC-SHA-256, symmetric secrets.

The signature covers the message's id, the time it was sent at and the bytes of its body.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence

from koodtx.errors import KoodtxError

# How far the clocks of two servers may differ; an older message may be a replay.
TOLERANCE_S = 300
_SECRET_PREFIX = "whsec_"  # noqa: S105 - not a secret
_SECRET_BYTES = range(24, 65)
_VERSION = "v1"


class SignatureInvalid(KoodtxError):
    """The signature of the message is missing or not valid."""

    status = 401
    problem = "signature-invalid"


def read_secret(text: str) -> bytes:
    """Returns the bytes of a secret such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`. Raises ValueError."""
    try:
        secret = base64.b64decode(text.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret is not base64") from error
    if len(secret) not in _SECRET_BYTES:
        raise ValueError(f"the secret has {len(secret)} bytes, not 24 to 64")
    return secret


def write_secret(secret: bytes) -> str:
    """Returns the secret as it is shown to people."""
    return _SECRET_PREFIX + base64.b64encode(secret).decode()


def signed_headers(secret: bytes, message_id: str, body: bytes, sent_at: int | None = None) -> dict[str, str]:
    """Returns the headers that sign a message. `sent_at`: seconds since 1970; None: now."""
    timestamp = str(int(time.time()) if sent_at is None else sent_at)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"{_VERSION},{_signature(secret, message_id, timestamp, body)}",
    }


def verify(secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: float | None = None) -> str:
    """Returns the id of a message that one of the secrets has signed. Raises SignatureInvalid, saying why.

    `headers`: with names in lower case. `now`: seconds since 1970; None: the clock's.
    """
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not (message_id and timestamp and given):
        raise SignatureInvalid("the headers webhook-id, webhook-timestamp and webhook-signature are required")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 15):
        raise SignatureInvalid("webhook-timestamp must be seconds since 1970")
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_S:
        raise SignatureInvalid(f"webhook-timestamp is more than {TOLERANCE_S} s from now")
    expected = [f"{_VERSION},{_signature(secret, message_id, timestamp, body)}".encode() for secret in secrets]
    offered = [part.encode() for part in given.split(" ")]
    if not any(hmac.compare_digest(one, other) for one in expected for other in offered):
        raise SignatureInvalid("no signature of the message is valid")
    return message_id


def _signature(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
