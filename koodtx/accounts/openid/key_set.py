"""The public keys that an issuer signs with: a JSON Web Key Set (RFC 7517)."""

from typing import Any, NamedTuple

import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from msgspec import Struct

_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
# By type and curve of a key, what it may sign with. None of them is symmetric: those would make a public key a secret.
_ALGORITHMS = {
    ("RSA", None): _RSA,
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
ALGORITHMS = frozenset(name for names in _ALGORITHMS.values() for name in names)

# RFC 7518, section 3.3, asks for 2,048 bits or more; above the other bound, verifying takes long.
_RSA_BITS = range(2048, 8193)
_MAX_KEYS = 100


class Key(NamedTuple):
    """A key and what it may sign with."""

    kid: str | None
    algorithms: frozenset[str]
    public_key: Any


class _Jwk(Struct):
    """The members that are used; those of a private key are left out."""

    kty: str
    kid: str | None = None
    use: str | None = None
    key_ops: list[str] | None = None
    alg: str | None = None
    n: str | None = None
    e: str | None = None
    crv: str | None = None
    x: str | None = None
    y: str | None = None


class _KeySet(Struct):
    keys: list[msgspec.Raw]


def read_keys(document: bytes) -> list[Key]:
    """Returns the keys that can verify ID tokens; others are skipped. Raises ValueError when it is not a key set."""
    try:
        raw_keys = msgspec.json.decode(document, type=_KeySet).keys
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return [key for raw in raw_keys[:_MAX_KEYS] if (key := _read_key(raw)) is not None]


def _read_key(raw: msgspec.Raw) -> Key | None:
    try:
        jwk = msgspec.json.decode(raw, type=_Jwk)
        names = _ALGORITHMS.get((jwk.kty, None if jwk.kty == "RSA" else jwk.crv), ())
        algorithms = frozenset(name for name in names if jwk.alg in (None, name))
        if not algorithms or jwk.use not in (None, "sig") or "verify" not in (jwk.key_ops or ["verify"]):
            return None
        members = {name: value for name in ("kty", "n", "e", "crv", "x", "y") if (value := getattr(jwk, name))}
        public_key = jwt.PyJWK(members, algorithm=names[0]).key
    # ValueError: also what msgspec raises.
    except (jwt.PyJWTError, ValueError, UnsupportedAlgorithm, RecursionError):
        return None
    if jwk.kty == "RSA" and public_key.key_size not in _RSA_BITS:
        return None
    return Key(jwk.kid, algorithms, public_key)
