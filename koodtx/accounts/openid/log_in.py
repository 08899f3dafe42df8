"""Logs in with ID tokens, and links identities to accounts."""

from collections.abc import Collection
from typing import Protocol

import structlog

from koodtx.accounts import credentials
from koodtx.accounts.caller import Caller
from koodtx.accounts.errors import WrongCredentials
from koodtx.accounts.messages import AuthResponse
from koodtx.accounts.openid import store
from koodtx.accounts.openid.errors import IdTokenInvalid, LinkRequired
from koodtx.accounts.openid.id_tokens import IdTokens, VerifiedToken
from koodtx.accounts.openid.messages import Identity, NewIdentity, OpenidLogin
from koodtx.accounts.openid.profile import display_name, username_candidates, verified_email
from koodtx.accounts.openid.store import Person
from koodtx.accounts.settings import Issuer
from koodtx.accounts.validation import checked_timezone
from koodtx.database.query import Connection
from koodtx.errors import invalid_field
from koodtx.names import folded

_log = structlog.get_logger("koodtx.accounts")


class Services(credentials.Services, Protocol):
    """What this module uses of the application's services."""

    id_tokens: IdTokens


async def log_in(services: Services, given: OpenidLogin, issuers: Collection[Issuer], address: str) -> AuthResponse:
    """Creates the account at the first login of an identity.

    Raises IdTokenInvalid, IssuerUnavailable, LoginNotOffered, LinkRequired, WrongCredentials (deactivated), TooMany.
    """
    timezone = services.settings.timezone if given.timezone is None else checked_timezone(given.timezone)
    token = await services.id_tokens.verify(given.id_token, given.nonce, issuers)
    account = f"{token.issuer.url} {token.claims.sub}"
    await credentials.limit_guesses(services, account, address)
    async with services.pool.connection() as connection, connection.transaction():
        user_id = await _find_or_create(connection, token, timezone)
        response = await credentials.start_login(services, connection, user_id, given.device_id)
    await credentials.know_address(services, account, address)
    return response


async def link(services: Services, caller: Caller, given: NewIdentity, address: str) -> Identity:
    """Raises Invalid, IssuerUnavailable, LoginNotOffered, IdentityTaken, LimitReached, TooMany."""
    await credentials.limit_guesses(services, f"identities of {caller.user_id}", address)
    try:
        token = await services.id_tokens.verify(given.id_token, given.nonce, services.id_tokens.all)
    except IdTokenInvalid as error:
        # Not 401: clients answer that by refreshing their tokens and trying again.
        raise invalid_field("id_token", error.message) from error
    async with services.pool.connection() as connection, connection.transaction():
        identity = await store.link_identity(
            connection, caller.user_id, token.issuer.url, token.claims.sub, verified_email(token.claims)
        )
    _log.info("identity linked", user_id=caller.user_id, issuer=token.issuer.url)
    return identity


async def _find_or_create(connection: Connection, token: VerifiedToken, timezone: str) -> int:
    email = verified_email(token.claims)
    for username in username_candidates(token.claims):
        person = Person(
            issuer=token.issuer.url,
            subject=token.claims.sub,
            email=email,
            email_key=None if email is None else folded(email),
            username=username,
            username_key=folded(username),
            name=display_name(token.claims),
            timezone=timezone,
        )
        found = await store.log_in_by_identity(connection, person)
        if found.outcome == "inactive":
            raise WrongCredentials
        if found.outcome == "email_taken":
            raise LinkRequired
        if found.user_id is not None:
            return found.user_id
    raise AssertionError("the last candidate is a name that nobody has")
