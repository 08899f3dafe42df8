"""docs/accounts.md: its commands are run in their order, against a service that accepts a local issuer, as written."""

from collections.abc import Iterator

import pytest

from koodtx.settings import Settings
from tests.docs.pages import blocks, read
from tests.docs.test_sharing_page import run
from tests.support.aliases import Serve
from tests.support.openid_issuer import OpenidIssuer, accepting, openid_issuer

pytestmark = [pytest.mark.api, pytest.mark.integration]


@pytest.fixture
def issuer() -> Iterator[OpenidIssuer]:
    with openid_issuer() as issuer:
        yield issuer


@pytest.fixture
def url(serve: Serve, settings: Settings, issuer: OpenidIssuer) -> str:
    return serve(
        {
            "KOODTX_DATABASE_URL": settings.database_url,
            "KOODTX_REDIS_URL": settings.redis_url,
            "KOODTX_SECRET_KEY": settings.secret_key,
        }
        | accepting(issuer)
    )


def test_every_command_succeeds(url: str, issuer: OpenidIssuer) -> None:
    log_in, link, list_all, remove = (
        line for language, text in blocks(read("docs/accounts.md")) if language == "sh" for line in text.splitlines()
    )
    env = {"URL": url, "ID_TOKEN": issuer.token(nonce="n-0S6_WzA2Mj", email="mina@example.org", email_verified=True)}
    answer = run(log_in, env)
    assert (answer["user"]["username"], answer["user"]["timezone"]) == ("mina", "Asia/Seoul")

    env |= {"AUTH": f"Authorization: Bearer {answer['access_token']}", "ID_TOKEN_2": issuer.token(sub="2")}
    env |= {"IDENTITY": run(link, env)["identity_id"]}
    assert len(run(list_all, env)["identities"]) == 2
    run(remove, env)
    assert [one["email"] for one in run(list_all, env)["identities"]] == ["mina@example.org"]
