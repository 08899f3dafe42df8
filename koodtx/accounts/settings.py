"""Limits of logins, and the issuers of OpenID Connect whose ID tokens log in."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from koodtx.errors import SettingsError
from koodtx.setting_types import Count, is_http_url, split


class Issuer(Struct, frozen=True):
    """An issuer of ID tokens. `client_ids`: of our apps there. `names`: what its tokens may have as `iss`."""

    url: str
    client_ids: frozenset[str]
    names: tuple[str, ...]


class AccountSettings(Struct, frozen=True, kw_only=True):
    logins_per_minute: Annotated[
        Count,
        Meta(description="Login attempts per minute for one account from one IP address; then 429. 0: no limit."),
    ] = 10
    logins_per_minute_account: Annotated[
        Count,
        Meta(
            description="Login attempts per minute for one account from all IP addresses from which nobody logged in to"
            " it in the last 30 days; then 429. 0: no limit."
        ),
    ] = 100
    logins_per_minute_address: Annotated[
        Count, Meta(description="Login and registration attempts per minute and IP address; then 429. 0: no limit.")
    ] = 60
    google_client_ids: Annotated[
        str,
        Meta(
            description="Client ids of your apps at Google, separated by commas: those of Android, iOS and the web that"
            " occur in `aud` or `azp`. Empty: no login with Google."
        ),
    ] = ""
    google_issuer: Annotated[
        str, Meta(description="Issuer of the tokens of `/api/auth/google`; another one is for trials only.")
    ] = "https://accounts.google.com"
    openid_issuers: Annotated[
        str,
        Meta(
            description="Other issuers of OpenID Connect, separated by commas, each followed by the client ids of your"
            " apps there, separated by spaces: `https://login.example.org app-1 app-2, https://id.example.net app`."
        ),
    ] = ""
    openid_timeout_s: Annotated[
        float, Meta(gt=0, le=30, description="Seconds to wait for the keys of an issuer of OpenID Connect.")
    ] = 5

    @property
    def google(self) -> Issuer | None:
        client_ids = frozenset(split(self.google_client_ids))
        url = self.google_issuer
        # Google's tokens may have its name without the scheme.
        return Issuer(url, client_ids, (url, url.partition("://")[2])) if client_ids else None

    @property
    def other_issuers(self) -> list[Issuer]:
        entries = [entry.split() for entry in split(self.openid_issuers)]
        return [Issuer(url, frozenset(client_ids), (url,)) for url, *client_ids in entries]


def check_issuers(settings: AccountSettings) -> None:
    """Raises SettingsError."""
    _check_issuer("KOODTX_GOOGLE_ISSUER", settings.google_issuer)
    urls = [settings.google_issuer]
    for issuer in settings.other_issuers:
        _check_issuer("KOODTX_OPENID_ISSUERS", issuer.url)
        if not issuer.client_ids:
            raise SettingsError(f"KOODTX_OPENID_ISSUERS must have a client id after {issuer.url}, separated by a space")
        if issuer.url in urls:
            raise SettingsError(
                f"KOODTX_OPENID_ISSUERS must name {issuer.url} once; client ids at Google belong in"
                " KOODTX_GOOGLE_CLIENT_IDS"
            )
        urls.append(issuer.url)


def is_trusted_url(text: str) -> bool:
    """Whether keys may be fetched from this URL: over https, or over http from this machine itself."""
    if not is_http_url(text):
        return False
    url = urlsplit(text)
    return "@" not in url.netloc and (url.scheme == "https" or _is_loopback(url.hostname or ""))


def _check_issuer(setting: str, url: str) -> None:
    if not is_trusted_url(url) or "?" in url or "#" in url:
        raise SettingsError(
            f"{setting} must have issuers like https://login.example.org, got {url!r}; http:// is for this machine"
            " itself only (127.0.0.1)"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
