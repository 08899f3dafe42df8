"""What ends an analysis without scores."""

from koodtx.errors import KoodtxError


class AnalysisFailed(KoodtxError):
    """The analysis failed. The message is sent to the API, and shown to the user."""


class AudioUnusable(AnalysisFailed):
    """An audio file cannot be compared."""


class NotDownloaded(AnalysisFailed):
    """An audio file could not be downloaded."""


class ScoringEnded(AnalysisFailed):
    """The process that scores took too long or ended."""


class ExtraMissing(KoodtxError):
    """The scorer needs further packages: pip install 'koodtx[scorer]'."""
