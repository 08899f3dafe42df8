"""The tasks of every room: importing this module registers them."""

from koodtx.analysis import tasks as analysis
from koodtx.maintenance import tasks as maintenance

__all__ = ["analysis", "maintenance"]
