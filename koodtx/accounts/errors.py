"""What is wrong with a login or a registration."""

from koodtx.errors import KoodtxError


class WrongCredentials(KoodtxError):
    """The user name, e-mail address or password is wrong."""

    status = 401
    problem = "wrong-credentials"


class Taken(KoodtxError):
    """The user name or e-mail address is already in use."""

    status = 409
    problem = "taken"
