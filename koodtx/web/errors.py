"""What is wrong with a request before a room sees it."""

from koodtx.errors import KoodtxError


class BodyTooSlow(KoodtxError):
    """The request body did not arrive in time: try again."""

    status = 408
    problem = "body-too-slow"


class UnsupportedMedia(KoodtxError):
    """The content type or encoding is not supported."""

    status = 415
    problem = "unsupported-media"
