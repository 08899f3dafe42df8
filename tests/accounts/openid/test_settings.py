"""Issuers are checked before anything starts."""

import pytest

from koodtx.errors import SettingsError
from koodtx.settings import Settings, load

pytestmark = [pytest.mark.unit, pytest.mark.auth]

NEEDED = {"KOODTX_DATABASE_URL": "postgresql://localhost/koodtx", "KOODTX_SECRET_KEY": "s" * 32}


def loaded(**changes: str) -> Settings:
    return load(NEEDED | {f"KOODTX_{name.upper()}": value for name, value in changes.items()}, env_file=None)


def test_without_settings_there_is_no_issuer() -> None:
    settings = loaded()
    assert (settings.google, settings.other_issuers) == (None, [])


def test_google_has_two_names() -> None:
    google = loaded(google_client_ids=" android , web ").google
    assert google is not None
    assert google.client_ids == {"android", "web"}
    assert google.names == ("https://accounts.google.com", "accounts.google.com")


def test_issuers_with_their_client_ids() -> None:
    first, second = loaded(
        openid_issuers="https://login.example.org app-1  app-2,https://id.example.net/a app"
    ).other_issuers
    assert (first.url, first.client_ids) == ("https://login.example.org", {"app-1", "app-2"})
    assert (second.url, second.client_ids, second.names) == (
        "https://id.example.net/a", {"app"}, ("https://id.example.net/a",),
    )  # fmt: skip


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost/realm", "http://[::1]:8080", "http://127.9.9.9"]
)
def test_an_issuer_on_this_machine_may_be_without_tls(url: str) -> None:
    assert loaded(openid_issuers=f"{url} app").other_issuers[0].url == url
    assert loaded(google_issuer=url).google_issuer == url


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example.org", "http://192.168.1.2", "http://10.0.0.1", "http://0.0.0.0", "http://localhost.evil.org",
        "http://127.0.0.1.evil.org", "ftp://login.example.org", "login.example.org", "https://", "https:///a",
        "https://user@login.example.org", "https://login.example.org:0", "https://login.example.org:99999",
        "https://login..example.org", "https://login.example.org?a=b", "https://login.example.org#a",
        "https://로그인.example.org", "file:///etc/passwd", "javascript:alert(1)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["google_issuer", "openid_issuers"])
def test_an_issuer_that_is_not_safe(name: str, url: str) -> None:
    with pytest.raises(SettingsError, match=f"KOODTX_{name.upper()} must have issuers like https://"):
        loaded(**{name: url if name == "google_issuer" else f"{url} app"})


@pytest.mark.parametrize(
    ("issuers", "message"),
    [
        ("https://login.example.org", "must have a client id after https://login.example.org"),
        ("https://a.org app, https://a.org other", "must name https://a.org once"),
        ("https://accounts.google.com app", "belong in KOODTX_GOOGLE_CLIENT_IDS"),
    ],
)
def test_issuers_that_are_incomplete_or_named_twice(issuers: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        loaded(openid_issuers=issuers)
