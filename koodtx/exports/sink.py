"""What a library writes a file into, from which its bytes are taken again and again."""

from typing import Any


class Sink:
    """A file that can only be appended to.

    Not an `io.IOBase`: when a download ends early, those may be closed before the library that writes into them.
    """

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written can still be taken."""

    def take(self) -> bytes:
        """Returns what was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken
