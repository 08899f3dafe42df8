"""Signatures of Standard Webhooks: the published vector, what is refused, and the reference implementation."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from koodtx.webhooks.signature import SignatureInvalid, read_secret, signed_headers, verify, write_secret

pytestmark = pytest.mark.unit

# The example of the specification.
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
_SENT_AT = 1614265330
_BODY = b'{"test": 2432232314}'
_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def _headers(**changed: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in changed.items()}
    return signed_headers(read_secret(_SECRET), _ID, _BODY, _SENT_AT) | named


def test_signature_is_that_of_the_specification() -> None:
    assert _headers() == {
        "webhook-id": _ID,
        "webhook-timestamp": str(_SENT_AT),
        "webhook-signature": _SIGNATURE,
    }
    assert verify([read_secret(_SECRET)], _headers(), _BODY, _SENT_AT) == _ID


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"webhook_id": ""}, "are required"),
        ({"webhook_id": "msg_other"}, "no signature"),
        ({"webhook_timestamp": ""}, "are required"),
        ({"webhook_timestamp": "yesterday"}, "seconds since 1970"),
        ({"webhook_timestamp": "9" * 5000}, "seconds since 1970"),
        ({"webhook_timestamp": "²"}, "seconds since 1970"),
        ({"webhook_timestamp": str(_SENT_AT + 1)}, "no signature"),
        ({"webhook_signature": ""}, "are required"),
        ({"webhook_signature": _SIGNATURE.replace("v1,", "v1a,")}, "no signature"),
        ({"webhook_signature": _SIGNATURE.removeprefix("v1,")}, "no signature"),
        ({"webhook_signature": "v1,é"}, "no signature"),
    ],
)
def test_changed_headers_are_refused(changed: dict[str, str], reason: str) -> None:
    with pytest.raises(SignatureInvalid, match=reason):
        verify([read_secret(_SECRET)], _headers(**changed), _BODY, _SENT_AT)


@pytest.mark.parametrize("now", [_SENT_AT - 301, _SENT_AT + 301])
def test_old_and_future_messages_are_refused(now: float) -> None:
    with pytest.raises(SignatureInvalid, match="300 s"):
        verify([read_secret(_SECRET)], _headers(), _BODY, now)


def test_one_of_several_signatures_and_secrets_is_enough() -> None:
    several = _headers(webhook_signature=f"v1,AAAA v2,{'B' * 43} {_SIGNATURE}")
    assert verify([b"x" * 32, read_secret(_SECRET)], several, _BODY, _SENT_AT) == _ID


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_!", "whsec_c2hvcnQ=", "whsec_" + "QUJD" * 22])
def test_weak_secrets_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        read_secret(text)


@given(st.binary(min_size=24, max_size=64), st.text("abcdefgh_0123", min_size=1, max_size=40), st.text(max_size=100))
def test_agrees_with_the_reference_implementation(secret: bytes, message_id: str, text: str) -> None:
    body, shown = json.dumps(text).encode(), write_secret(secret)
    assert read_secret(shown) == secret
    reference = Webhook(shown)
    reference.verify(body, signed_headers(secret, message_id, body))
    now = datetime.now(UTC)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": reference.sign(message_id, now, body.decode()),
    }
    assert verify([secret], headers, body) == message_id
