"""What a session may say besides its times and readings: units, its device, labels."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from koodtx.names import MAX_NAME_LENGTH, PRINTABLE

# What acceleration is sent in: the units of which app.gravity() knows what 1 g is.
Unit = Literal["m/s2", "g"]
Units = Annotated[dict[Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)], Unit], Meta(max_length=256)]
DeviceText = Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTABLE)]


class SessionDevice(Struct, omit_defaults=True):
    """The device that records a session, as the app names it."""

    platform: Annotated[DeviceText | None, Meta(examples=["ios"])] = None
    model: Annotated[DeviceText | None, Meta(examples=["iPhone15,2"])] = None
    os_version: Annotated[DeviceText | None, Meta(examples=["17.1"])] = None
    app_version: Annotated[DeviceText | None, Meta(examples=["1.4.2"])] = None


class SessionLabel(Struct, omit_defaults=True):
    """What was done from a time to a time, both included."""

    label: str
    from_at: datetime = field(name="from")
    to_at: datetime = field(name="to")
    source: Annotated[str | None, Meta(description="Who or what set it.")] = None
