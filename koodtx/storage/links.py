"""Links to files. The holder of one may read the file until it expires."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec
from msgspec import Struct

from koodtx import signing
from koodtx.errors import NotFound
from koodtx.signing import Keys, NotSigned
from koodtx.storage.errors import LinkExpired
from koodtx.storage.messages import Link
from koodtx.storage.objects import Objects


class _Right(Struct, array_like=True, frozen=True):
    """`expires_at`: seconds since 1970."""

    key: str
    expires_at: int


async def make_link(objects: Objects, keys: Keys, key: str, lifetime: timedelta) -> Link:
    """Returns a link: one of S3, or one of our own route. Raises StorageUnavailable."""
    expires_at = int(time.time() + lifetime.total_seconds())
    url = await objects.sign(key, lifetime)
    if url is None:
        token = signing.sign(keys, "link", msgspec.msgpack.encode(_Right(key, expires_at)))
        url = f"/api/v1/objects/{quote(token)}"
    return Link(url, datetime.fromtimestamp(expires_at, UTC))


def linked_key(keys: Keys, token: str) -> str:
    """Returns the key of the object that a link of our own gives. Raises NotFound, LinkExpired."""
    try:
        right = msgspec.msgpack.decode(signing.read(keys, "link", token), type=_Right)
    except NotSigned as error:
        raise NotFound from error
    if right.expires_at <= time.time():
        raise LinkExpired
    return right.key
