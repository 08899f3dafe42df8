"""Why an audio file is refused."""

from koodtx.errors import KoodtxError


class UnsupportedAudio(KoodtxError):
    """The file is not WAV, MP3 or M4A audio."""

    status = 415
    problem = "audio-unsupported"


class AudioDamaged(KoodtxError):
    """The audio file is empty, damaged or cut off."""

    status = 422
    problem = "audio-damaged"
