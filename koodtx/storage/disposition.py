"""The header Content-Disposition of a download: a name for old clients, and the name as it is (RFC 6266)."""

import re
from urllib.parse import quote

# What is not ASCII, and what would end the quoted name or a path.
_UNSAFE = re.compile(r'[^ -~]|["\\/%;]')


def attachment(file_name: str) -> str:
    """Returns the header for a file that is to be saved, not shown."""
    plain = _UNSAFE.sub("_", file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
