"""Why a team stays as it is."""

from koodtx.errors import KoodtxError


class LastLead(KoodtxError):
    """A team always has a lead: make somebody else a lead first, or delete the team."""

    status = 409
    problem = "last-lead"
