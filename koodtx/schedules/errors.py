"""What is wrong with a schedule beyond its fields."""

from koodtx.errors import KoodtxError


class ScheduleExists(KoodtxError):
    """There is another schedule of this name."""

    status = 409
    problem = "schedule-exists"
