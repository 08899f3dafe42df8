"""The result of a check."""

import msgspec


class Check(msgspec.Struct, frozen=True):
    """What was found. `advice` is empty if nothing is wrong."""

    subject: str
    found: str
    advice: str = ""
