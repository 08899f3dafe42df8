"""The reference client: records offline, pushes when it can, pulls what changed. Copy this folder into your app.

All data is in one SQLite file per account. A crash at any moment loses nothing and stores nothing twice.

    phone = Phone(httpx.Client(base_url="http://127.0.0.1:5000"), "phone.db", device_id="pixel-8-6f2c")
    phone.register("mina", "mina@example.org", "correct horse battery")
    phone.begin_session("walk-1", "2026-11-21T09:00:00Z", sample_rate=100)
    phone.record("walk-1", "accelerometer", 1795251600000, {"x": 0.1, "y": 0.2, "z": 9.8})
    phone.push()
    phone.pull()

phone.py: what an app calls. outbox.py: what is recorded and not yet acknowledged. mirror.py: what the server has.
store.py: the SQLite file. connection.py: HTTP, tokens, retries. blocks.py: readings in columns.
"""

from .blocks import Document
from .connection import RETRYABLE, Refused
from .phone import Phone
from .store import Busy

__all__ = ["RETRYABLE", "Busy", "Document", "Phone", "Refused"]
