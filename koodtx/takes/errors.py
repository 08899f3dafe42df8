"""Why a take cannot be uploaded or analysed."""

from koodtx.errors import KoodtxError


class AnalysisServerMissing(KoodtxError):
    """This service has no analysis server, so that takes cannot be uploaded: contact the operator."""

    status = 503
    problem = "analysis-server-missing"


class NoReferenceAudio(KoodtxError):
    """The line has no reference audio yet that a take could be compared with."""

    status = 409
    problem = "no-reference-audio"


class TakesFull(KoodtxError):
    """The user has as many takes, or as many bytes of them, as are allowed."""

    status = 409
    problem = "takes-full"


class TakeEnded(KoodtxError):
    """The take has ended: upload it again."""


class AnalysisServerBusy(KoodtxError):
    """The analysis server may answer a further request. `wait_s`: after so long, if it said so."""

    is_retryable = True

    def __init__(self, detail: str, *, wait_s: float | None = None, is_answered: bool = False) -> None:
        super().__init__(detail)
        self.wait_s = wait_s
        self.is_answered = is_answered


class AnalysisRefused(KoodtxError):
    """The analysis server refused the take."""
