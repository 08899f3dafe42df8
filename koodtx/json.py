"""JSON as clients send it."""

from typing import Any

import msgspec

from koodtx.errors import Malformed


def decode_json(body: bytes, decode: Any) -> Any:
    """Returns `decode(body)`. Raises Malformed for what is not JSON, msgspec.ValidationError for wrong types."""
    try:
        return decode(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"the body is not valid JSON: {error}") from error
    except RecursionError as error:
        raise Malformed("the body is nested too deeply") from error
