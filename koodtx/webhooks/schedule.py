"""When a message that was not accepted is sent again."""

import random
from datetime import timedelta

# Seconds before the second attempt, the third and so on: the schedule that Standard Webhooks recommends. 75.6 hours.
WAITS_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
# Each wait is longer by up to this part of it, never shorter: receivers that come back are not met by all at once.
_JITTER = 0.2


def next_wait(attempts: int) -> timedelta | None:
    """How long after so many attempts the next one follows; None: that was the last."""
    if attempts > len(WAITS_S):
        return None
    return timedelta(seconds=WAITS_S[attempts - 1] * random.uniform(1, 1 + _JITTER))  # noqa: S311 - not a secret
