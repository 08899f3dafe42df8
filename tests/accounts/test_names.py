"""User names and e-mail addresses: one account per name, however it is spelled, whatever the database's locale."""

# ruff: noqa: RUF001 - look-alikes are the subject.

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from koodtx.accounts.scripts import has_mixed_scripts
from koodtx.accounts.validation import checked_email, checked_username
from koodtx.app import create_app
from koodtx.database.migrate import migrate
from koodtx.errors import Invalid
from koodtx.names import folded
from tests.support.aliases import Client
from tests.support.marks import long_except
from tests.support.settings import PASSWORD, make_settings

pytestmark = [pytest.mark.auth]

# Spellings of one name each.
SAME = [
    ["Ada", "ADA", " ada ", "\uff21\uff24\uff21"],
    ["Özgür", "özgür", "ÖZGÜR", "O\u0308zgu\u0308r"],
    ["él", "ÉL", "e\u0301l", "E\u0301L"],
    ["İpek", "ipek", "IPEK", "i\u0307pek"],
    ["ısı", "ISI", "ısi"],
    ["Straße", "STRASSE", "strasse", "STRA\u1e9eE"],
    ["Σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ"],
    ["Иван", "ИВАН", "иван"],
    ["Йога", "И\u0306ОГА", "йога"],
    ["김미나", unicodedata.normalize("NFD", "김미나")],
    ["ミナ", "\uff90\uff85"],
    ["Mina Kim", "mina  kim", "MINA KIM"],
]
# With compatibility characters, which new names cannot have.
SAME_FOR_LOGINS = [["file", "\ufb01le"], ["m2", "m\u00b2"], ["kelvin", "\u212aelvin"], ["Ǆana", "ǆana", "DŽANA"]]
DIFFERENT = ["mina", "mína", "minа2", "min a", "mina.", "민아", "みな", "ミナ"]

REFUSED = [
    ("аdmin", "script"),  # Cyrillic
    ("раураl", "script"),
    ("Αdmin", "script"),  # Greek
    ("admın Иван", "script"),
    ("김あ", "script"),
    ("mina\uff20example.org", "@"),
    ("ad\u200bmin", "invisible"),
    ("ad\u00admin", "invisible"),
    ("admin\ufe0f", "FE0F"),
    ("\u202enimda", "invisible"),
    ("\ufb01le", "FB01"),
    ("m\u00b2", "00B2"),
    ("\U0001f600", "1F600"),
    ("1שלום", "right-to-left"),
    ("𝐚dmin", "1D41A"),
]
ACCEPTED = [
    "山田太郎",
    "タロー",
    "やまだ Taro",
    "佐々木",
    "김mina",
    "שלום",
    "मीना",
    "ქეთი",
    "ʻokina",
    "O'Neil",
    "jean-luc_2.b",
]


def register(client: Client, username: str, email: str) -> Any:
    return client.post("/api/auth/register", json={"username": username, "email": email, "password": PASSWORD})


def log_in(client: Client, name: str, password: str = PASSWORD) -> Any:
    return client.post("/api/auth/login", json={"username": name, "password": password})


@pytest.mark.unit
@pytest.mark.parametrize("spellings", [*SAME, *SAME_FOR_LOGINS], ids=lambda spellings: spellings[0])
def test_spellings_of_one_name_fold_to_one_key(spellings: list[str]) -> None:
    assert len({folded(spelling) for spelling in spellings}) == 1


@pytest.mark.unit
def test_different_names_stay_different() -> None:
    assert len({folded(name) for name in DIFFERENT}) == len(DIFFERENT)


@pytest.mark.unit
@given(st.text(max_size=12))
def test_a_key_is_the_same_in_each_case_and_form(text: str) -> None:
    key = folded(text)
    assert folded(key) == key
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert folded(unicodedata.normalize(form, text)) == key
    for change in (str.upper, str.lower, str.swapcase, str.casefold):
        assert folded(change(text)) == key


@pytest.mark.unit
@pytest.mark.parametrize(("name", "reason"), REFUSED)
def test_look_alikes_are_refused(name: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        checked_username(name)
    for address in (f"{name}@example.org", f"a@{name}.org"):
        with pytest.raises(Invalid, match="email"):
            checked_email(address)


@pytest.mark.unit
@pytest.mark.parametrize("name", [*ACCEPTED, *(spellings[0] for spellings in SAME)])
def test_names_of_all_languages_are_accepted_as_they_are_spelled(name: str) -> None:
    assert checked_username(name) == name
    assert not has_mixed_scripts(folded(name))


@pytest.mark.api
@pytest.mark.parametrize("spellings", SAME, ids=lambda spellings: spellings[0])
def test_one_account_per_name_and_login_by_each_spelling(client: Client, spellings: list[str]) -> None:
    first, *others = spellings
    created = register(client, first, "first@example.org")
    assert created.status_code == 201
    assert created.json()["user"]["username"] == first
    for number, other in enumerate(others):
        reply = register(client, other, f"other{number}@example.org")
        assert (reply.status_code, reply.json()["errors"][0]["field"]) == (409, "username")
        assert log_in(client, other).json()["user"] == created.json()["user"]


@pytest.mark.api
@pytest.mark.parametrize(
    "spellings",
    [
        ["Özgür@Example.org", "özgür@example.ORG", "O\u0308ZGU\u0308R@example.org"],
        ["mina@MÜNCHEN.de", "mina@münchen.de", "MINA@mu\u0308nchen.de"],
        ["mina@example.org", "\uff4d\uff49\uff4e\uff41@example.org"],
    ],
)
def test_one_account_per_address_and_login_by_each_spelling(client: Client, spellings: list[str]) -> None:
    first, *others = spellings
    created = register(client, "first", first)
    assert created.json()["user"]["email"] == first
    for number, other in enumerate(others):
        reply = register(client, f"other{number}", other)
        assert (reply.status_code, reply.json()["errors"][0]["field"]) == (409, "email")
        login = client.post("/api/auth/login", json={"email": other, "password": PASSWORD})
        assert login.json()["user"] == created.json()["user"]


@pytest.mark.api
def test_a_name_is_refused_with_its_field(client: Client) -> None:
    for username, email, field in [("аdmin", "a@example.org", "username"), ("admin", "аdmin@example.org", "email")]:
        reply = register(client, username, email)
        assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.api
def test_a_login_by_a_name_that_could_not_be_registered_is_an_unknown_account(client: Client) -> None:
    for name, _ in REFUSED:
        reply = log_in(client, name)
        assert (reply.status_code, reply.json()["type"]) == (401, "urn:koodtx:problem:wrong-credentials"), name


LOCALES = {
    "C": "locale_provider libc locale 'C'",
    "C.UTF-8": "locale_provider libc locale 'C.UTF-8'",
    "en_US": "locale_provider libc locale 'en_US.utf8'",
    "pg_c_utf8": "locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'",
    "ICU": "locale_provider icu icu_locale 'und' locale 'C'",
    "ICU Turkish": "locale_provider icu icu_locale 'tr' locale 'C'",
}


@pytest.fixture
def make_database_of(server: str) -> Iterator[Callable[[str], str]]:
    """Makes an empty database of a locale; skips the test where the server does not know it."""
    name = "koodtx_test_locale"

    def make(locale: str) -> str:
        with psycopg.connect(server, autocommit=True) as connection:
            try:
                connection.execute(f"create database {name} template template0 encoding 'UTF8' {LOCALES[locale]}")
            except psycopg.Error as error:
                pytest.skip(f"this server has no locale {locale}: {error.diag.message_primary}")
        return make_conninfo(server, dbname=name)

    yield make
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")


@pytest.mark.integration
@pytest.mark.parametrize("locale", long_except(LOCALES, "C.UTF-8", "ICU Turkish"))
def test_names_are_unique_on_a_cluster_of_any_locale(
    template: str, make_database_of: Callable[[str], str], locale: str
) -> None:
    url = make_database_of(locale)
    migrate(make_settings(url), say=lambda line: None)
    with TestClient(create_app(make_settings(url))) as client:
        for number, (first, *others) in enumerate(SAME):
            assert register(client, first, f"a{number}@example.org").status_code == 201, first
            for other in others:
                assert register(client, other, "other@example.org").status_code == 409, other
            assert log_in(client, others[-1]).status_code == 200, others[-1]


def add_older(db: Connection[Any], username: str, email: str, client: Client) -> None:
    """Adds an account as versions without keys did, with the hash of another account's password."""
    if not db.execute("select from app.users where username = 'hashed'").fetchone():
        register(client, "hashed", "hashed@example.org")
    query = "select app.create_user(%s, %s, password_hash, 'user', 'UTC') from app.users where username = 'hashed'"
    db.execute(query, [username, email])


@pytest.mark.api
def test_older_accounts_log_in_before_and_after_they_have_keys(
    client: Client, db: Connection[Any], database_url: str
) -> None:
    for name in ("Mina", "김미나", "\U0001f600", "\ufb01le"):
        add_older(db, name, f"{name}@example.org", client)
        assert log_in(client, name).json()["user"]["username"] == name
    says: list[str] = []
    migrate(make_settings(database_url), say=says.append)
    assert says == []
    assert db.execute("select from app.users where username_key is null or email_key is null").fetchall() == []
    for name in ("MINA", "김미나", "\U0001f600", "file", "MINA@example.org", "FILE@example.org"):
        assert log_in(client, name).status_code == 200, name
    assert register(client, "mina", "other@example.org").status_code == 409
    assert register(client, "file", "other@example.org").status_code == 409


@pytest.mark.api
def test_of_older_accounts_with_one_name_each_keeps_its_spelling(
    client: Client, db: Connection[Any], database_url: str
) -> None:
    if db.execute("select lower('Ö') = 'ö'").fetchone() == (True,):
        pytest.skip("lower() of this server folds Ö, so that older versions refused the second account")
    for number, name in enumerate(("Özgür", "özgür", "ÖZGÜR")):
        add_older(db, name, f"a{number}@example.org", client)
    says: list[str] = []
    migrate(make_settings(database_url), say=says.append)
    assert says == ["accounts that log in only by the exact spelling of their name: 2, see docs/accounts.md"]
    for name in ("Özgür", "özgür", "ÖZGÜR"):
        assert log_in(client, name).json()["user"]["username"] == name
    assert log_in(client, "öZGÜR").json()["user"]["username"] == "Özgür"
    assert register(client, "ÖzgüR", "other@example.org").status_code == 409
    # When the older account has another name, the next one gets the key.
    db.execute("update app.users set username = 'other', username_key = 'other' where username = 'Özgür'")
    migrate(make_settings(database_url), say=says.append)
    assert says[1:] == ["accounts that log in only by the exact spelling of their name: 1, see docs/accounts.md"]
    assert log_in(client, "öZGÜR").json()["user"]["username"] == "özgür"


@pytest.mark.api
def test_an_older_name_with_a_full_width_at_sign_is_no_address_of_another(
    client: Client, db: Connection[Any], database_url: str
) -> None:
    add_older(db, "mina\uff20example.org", "older@example.org", client)
    migrate(make_settings(database_url), say=lambda line: None)
    created = register(client, "mina", "mina@example.org")
    assert created.status_code == 201
    assert log_in(client, "mina@example.org").json()["user"] == created.json()["user"]
    assert log_in(client, "mina\uff20example.org").json()["user"]["email"] == "older@example.org"
