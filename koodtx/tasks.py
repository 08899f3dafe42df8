"""The tasks of every room: importing this module registers them."""

from koodtx.analysis import tasks as analysis
from koodtx.exports import tasks as exports
from koodtx.maintenance import tasks as maintenance
from koodtx.recommendations import tasks as recommendations
from koodtx.rollups import tasks as rollups
from koodtx.sessions import tasks as sessions
from koodtx.takes import tasks as takes
from koodtx.webhooks import tasks as webhooks

__all__ = ["analysis", "exports", "maintenance", "recommendations", "rollups", "sessions", "takes", "webhooks"]
