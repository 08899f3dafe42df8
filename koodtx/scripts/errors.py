"""Why the catalogue cannot be changed so."""

from koodtx.errors import KoodtxError


class ScriptExists(KoodtxError):
    """There is another script with this source_id."""

    status = 409
    problem = "script-exists"


class ScriptInUse(KoodtxError):
    """Users have takes of lines that this would delete."""

    status = 409
    problem = "script-in-use"


class ActorExists(KoodtxError):
    """There is another actor of this name."""

    status = 409
    problem = "actor-exists"


class ActorInUse(KoodtxError):
    """Lines are of this actor."""

    status = 409
    problem = "actor-in-use"


class ScriptChanged(KoodtxError):
    """The script was changed by somebody else meanwhile: import it again."""
