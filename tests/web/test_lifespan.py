"""Starting and stopping."""

import threading
import time

import pytest
from litestar.testing import TestClient

from koodtx.app import create_app
from koodtx.settings import Settings

pytestmark = [pytest.mark.integration]


def test_stopping_amid_a_call_is_not_forgotten(settings: Settings) -> None:
    """psycopg and redis may end a cancelled call by its result or an error of theirs, which must not hide the stop."""

    def start_and_stop() -> None:
        for number in range(20):
            with TestClient(create_app(settings)):
                time.sleep(number / 1000)

    thread = threading.Thread(target=start_and_stop, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
