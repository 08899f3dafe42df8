"""Why an ID token does not log in, or an identity stays as it is."""

from koodtx.errors import FieldError, KoodtxError


class IdTokenInvalid(KoodtxError):
    """The ID token is not valid."""

    status = 401
    problem = "id-token-invalid"

    def __init__(self, message: str) -> None:
        """`message`: what is wrong with the token, without its name. It shows nothing of the token."""
        super().__init__(f"id_token {message}", errors=[FieldError("id_token", message)])
        self.message = message


class LoginNotOffered(KoodtxError):
    """This server does not offer logins with this issuer."""

    status = 404
    problem = "login-not-offered"


class LinkRequired(KoodtxError):
    """An account has this e-mail address already: log in to it, then link this identity (POST /api/auth/identities)."""

    status = 409
    problem = "link-required"


class IdentityTaken(KoodtxError):
    """This identity belongs to another account."""

    status = 409
    problem = "identity-taken"


class LastLogin(KoodtxError):
    """This is the only way to log in to the account: link another identity first."""

    status = 409
    problem = "last-login"


class IssuerUnavailable(KoodtxError):
    """The issuer of the ID token is not reachable, so that the token cannot be verified: try again later."""

    status = 503
    problem = "issuer-unavailable"
    is_retryable = True
