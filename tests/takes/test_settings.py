"""Settings of the analysis server are checked at the start, and no message shows a secret."""

import pytest

from koodtx.errors import SettingsError
from koodtx.settings import load
from tests.support.settings import ANALYSIS_SECRET, SECRET

pytestmark = [pytest.mark.unit]

_GIVEN = {
    "KOODTX_DATABASE_URL": "postgresql://localhost/koodtx",
    "KOODTX_SECRET_KEY": SECRET,
    "KOODTX_ANALYSIS_SERVER_URL": "https://analysis.example.org/base",
    "KOODTX_ANALYSIS_SERVER_SECRET": ANALYSIS_SECRET,
    "KOODTX_PUBLIC_URL": "https://api.example.org",
}


def test_secrets_are_read() -> None:
    settings = load(_GIVEN | {"KOODTX_ANALYSIS_SERVER_SECRET": f"{ANALYSIS_SECRET}, {ANALYSIS_SECRET}"}, env_file=None)
    assert [len(secret) for secret in settings.analysis_secrets] == [24, 24]
    assert load({name: _GIVEN[name] for name in list(_GIVEN)[:2]}, env_file=None).analysis_secrets == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ANALYSIS_SERVER_SECRET", ""), ("ANALYSIS_SERVER_SECRET", "whsec_c2hvcnQ="),
        ("ANALYSIS_SERVER_SECRET", "whsec_???"), ("ANALYSIS_SERVER_SECRET", f"{ANALYSIS_SECRET},hidden"),
        ("ANALYSIS_SERVER_URL", "analysis.example.org"), ("ANALYSIS_SERVER_URL", "ftp://analysis.example.org"),
        ("ANALYSIS_SERVER_URL", "https://name:hidden@analysis.example.org"), ("ANALYSIS_SERVER_URL", "https://a/?b=c"),
        ("PUBLIC_URL", "localhost"), ("PUBLIC_URL", "https://a/#b"), ("PUBLIC_URL", "https://a b"),
        ("ANALYSIS_TIMEOUT_S", "0"), ("ANALYSIS_RETRY_S", "0"), ("MAX_TAKE_BYTES", "0"),
    ],
)  # fmt: skip
def test_setting_that_is_wrong_is_named(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"KOODTX_{name}") as caught:
        load(_GIVEN | {f"KOODTX_{name}": text}, env_file=None)
    assert "hidden" not in str(caught.value)
