"""The content of an export: what a route streams and what a job stores is the same."""

import hashlib
import zlib
from collections.abc import AsyncGenerator, Callable, Sequence

from koodtx.database.query import Connection
from koodtx.exports.csv_file import write_csv
from koodtx.exports.gpx_file import write_gpx
from koodtx.exports.json_file import write_json
from koodtx.exports.messages import ExportedSession, SessionFormat
from koodtx.exports.parquet_file import arrow, write_parquet
from koodtx.exports.zip_file import write_zip

Writer = Callable[[Connection, Sequence[ExportedSession]], AsyncGenerator[bytes]]

# Raised whenever a writer changes what it writes: a download that is resumed must not get the rest of another file.
_EDITION = 3

_WRITERS: dict[SessionFormat, Writer] = {
    "csv": write_csv,
    "json": write_json,
    "zip": write_zip,
    "parquet": write_parquet,
    "gpx": write_gpx,
}


def write(
    connection: Connection, sessions: Sequence[ExportedSession], file_format: SessionFormat
) -> AsyncGenerator[bytes]:
    """The bytes of an export, in pieces of about a megabyte, at constant memory.

    `connection` is in a transaction of `store.snapshot`, in which `sessions` were found; nothing else may use it until
    the generator is closed. Equal fingerprints have equal bytes.
    """
    return _WRITERS[file_format](connection, sessions)


def fingerprint(sessions: Sequence[ExportedSession], file_format: SessionFormat) -> str:
    """Stands for the bytes that `write` gives. Raises FormatNotInstalled."""
    library = zlib.ZLIB_RUNTIME_VERSION if file_format == "zip" else ""
    if file_format == "parquet":
        library = arrow()[0].__version__
    parts = [str(_EDITION), file_format, library, *(session.version for session in sessions)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def check_installed(file_format: SessionFormat) -> None:
    """Raises FormatNotInstalled."""
    if file_format == "parquet":
        arrow()
