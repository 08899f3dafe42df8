"""Readings by whole columns: as they were decoded (Group, Batch) and as they are stored (Block)."""

from typing import Annotated, Any

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from koodtx.readings.accepted_times import AcceptedTimes

Integers = NDArray[np.int64]
Doubles = NDArray[np.float64]


# Why a reading may be refused; docs/sync.md explains each.
REJECTION_CODES = [
    "invalid", "out_of_range", "future", "data_too_large", "data_too_deep", "invalid_data", "archived",
    "too_many_types",
]  # fmt: skip


class RejectedItem(Struct, omit_defaults=True):
    """A refused reading: its place among the readings of the push, and why."""

    index: int
    code: Annotated[str, Meta(examples=["out_of_range"], extra_json_schema={"enum": REJECTION_CODES})]
    message: str
    hold: Annotated[
        bool,
        Meta(
            description="true: keep the reading, it can be accepted later: with its time corrected, or for "
            "`too_many_types` in another push. Absent: the rejection is final."
        ),
    ] = False


class Group(Struct):
    """Readings of one sensor whose `data` has the same keys.

    `places`: their positions in the batch; `micros`: whole epoch microseconds, which doubles hold exactly;
    `values`: by key, one value per reading.
    """

    sensor: str
    places: Integers
    micros: Doubles
    values: dict[str, list[Any]]

    def keep(self, wanted: NDArray[np.bool_]) -> "Group":
        """Returns the readings that are wanted."""
        indexes = np.flatnonzero(wanted).tolist()
        values = {key: [column[index] for index in indexes] for key, column in self.values.items()}
        return Group(self.sensor, self.places[wanted], self.micros[wanted], values)

    def data(self, index: int) -> dict[str, Any]:
        """Returns the `data` of one reading."""
        return {key: column[index] for key, column in self.values.items()}


class Batch(Struct):
    """Readings of one session, decoded.

    `total`: how many were sent; those in no group are `rejected`. `fingerprint` tells apart what is sent under one
    push_id; `data_bytes`: size of what was sent, for the log. `accepted`: which times were, if others were refused.
    """

    total: int
    groups: list[Group]
    rejected: list[RejectedItem]
    fingerprint: bytes
    data_bytes: int
    accepted: AcceptedTimes | None = None


class Block(Struct):
    """Readings of one sensor type in the order of time, each time once, as the database stores them.

    `micros`: epoch microseconds; `columns`: NaN where a reading has no number; `extra`: JSON of what no column holds.
    """

    sensor_type_id: int
    micros: Integers
    columns: dict[str, Doubles]
    extra: list[bytes | None] | None = None

    def __len__(self) -> int:
        return len(self.micros)

    @property
    def used(self) -> set[str]:
        """The columns that hold something."""
        return set(self.columns) | ({"extra"} if self.extra is not None else set())

    @property
    def is_dense(self) -> bool:
        """Whether all readings have numbers in the same columns and nothing else."""
        return self.extra is None and not any(np.isnan(column).any() for column in self.columns.values())
