"""What the downloads of one API process share."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from koodtx.rate_limits import AtOnce
from koodtx.settings import Settings

_RETRY_AFTER_S = 10
_MOST_LENGTHS = 10_000


class Downloads:
    """Limits downloads, each of which holds a database connection, so that there are always some for pushes.

    `lengths` has the bytes of files that were written to their end, by fingerprint.
    """

    def __init__(self, settings: Settings) -> None:
        limit = min(settings.max_downloads, max(1, settings.pool_max // 2))
        self._all = AtOnce(limit, "downloads of all users", retry_after_s=_RETRY_AFTER_S)
        self._of_user = AtOnce(settings.max_user_downloads, "downloads", retry_after_s=_RETRY_AFTER_S)
        self.lengths = Lengths()

    @contextmanager
    def hold(self, user_id: int) -> Iterator[None]:
        """Counts one until the block ends. Raises TooMany."""
        with self._of_user.hold(user_id), self._all.hold("all"):
            yield


class Lengths:
    """Remembers the lengths of the files that were written last."""

    def __init__(self) -> None:
        self._lengths: OrderedDict[str, int] = OrderedDict()

    def get(self, fingerprint: str) -> int | None:
        return self._lengths.get(fingerprint)

    def set(self, fingerprint: str, length: int) -> None:
        self._lengths[fingerprint] = length
        self._lengths.move_to_end(fingerprint)
        while len(self._lengths) > _MOST_LENGTHS:
            self._lengths.popitem(last=False)
