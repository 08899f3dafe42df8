"""The content of an export: what a route streams and what a job stores is the same."""

from collections.abc import AsyncGenerator, Callable, Sequence

from koodtx.database.query import Connection
from koodtx.exports.csv_file import write_csv
from koodtx.exports.messages import ExportedSession, SessionFormat

Writer = Callable[[Connection, Sequence[ExportedSession]], AsyncGenerator[bytes]]

_WRITERS: dict[SessionFormat, Writer] = {"csv": write_csv}


def write(
    connection: Connection, sessions: Sequence[ExportedSession], format: SessionFormat  # noqa: A002
) -> AsyncGenerator[bytes]:
    """The bytes of an export, in pieces of about a megabyte, at constant memory.

    `connection` is in a transaction of `store.snapshot`, in which `sessions` were found; nothing else may use it until
    the generator is closed. Equal versions of the sessions give equal bytes.
    """
    return _WRITERS[format](connection, sessions)
