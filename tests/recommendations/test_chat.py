"""The chat recommender: what it sends, and the answers that it accepts."""

import logging
import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from koodtx.recommendations.recommender import Texts
from tests.recommendations.calls import KEY, fail, recommend, recommender
from tests.recommendations.chat_replies import EN, KO, completion, day_of, recommends, says
from tests.support.scripted_server import http, raw, status

pytestmark = [pytest.mark.integration]


def test_korean_and_english_come_back_as_they_were_written() -> None:
    done = recommend(recommends())

    assert done.texts == Texts(ko=KO, en=EN, rules=["weekly_activity", "daily_steps"])


def test_the_request_is_that_of_the_openai_api() -> None:
    (request,) = recommend(recommends(), chat_max_tokens=321).requests
    lines = request.head.lower().split("\r\n")

    assert lines[0] == "post /v1/chat/completions http/1.1"
    assert f"authorization: bearer {KEY}" in lines
    assert "content-type: application/json" in lines
    assert "accept-encoding: identity" in lines
    assert {key: value for key, value in request.json.items() if key != "messages"} == {
        "model": "model-1",
        "max_tokens": 321,
        "response_format": {"type": "json_object"},
    }
    assert [message["role"] for message in request.json["messages"]] == ["system", "user"]
    assert day_of(request)["foods"] == [{"hour": 12, "what": "비빔밥", "energy_kcal": 560, "tags": ["점심"]}]
    assert day_of(request)["exercises"] == [{"hour": 18, "activity": "걷기", "minutes": 30, "distance_m": 2100}]
    assert "비빔밥".encode() in request.body


def test_without_a_key_none_is_sent() -> None:
    (request,) = recommend(recommends(), chat_api_key="").requests
    assert "authorization" not in request.head.lower()


def test_the_name_has_the_model() -> None:
    assert recommender("http://127.0.0.1:1/v1").name == "chat:model-1"


@pytest.mark.parametrize(
    "content",
    [
        f'```json\n{{"ko": "{KO}", "en": "{EN}"}}\n```',
        f'Here it is:\n```\n{{"ko": "{KO}", "en": "{EN}"}}\n```\nEnjoy!',
        f'<think>\nIs {{"ko": 1}} right?\n</think>\n{{"ko": "{KO}", "en": "{EN}"}}',
        f'  {{"en": "{EN}", "ko": "{KO}"}}\n',
    ],
)
def test_what_models_write_around_the_json_is_tolerated(content: str) -> None:
    assert recommend(says(content)).texts.ko == KO


def test_an_answer_in_chunks_is_read() -> None:
    body = completion(f'{{"ko": "{KO}", "en": "{EN}"}}')
    chunks = [f"{len(body[at : at + 7]):x}\r\n".encode() + body[at : at + 7] + b"\r\n" for at in range(0, len(body), 7)]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert recommend(raw(head, *chunks, b"0\r\n\r\n")).texts.en == EN


def test_line_breaks_become_spaces() -> None:
    assert recommend(recommends(en="Walk more.\n\n  Drink water. ")).texts.en == "Walk more. Drink water."


def test_members_that_were_not_asked_for_have_no_effect() -> None:
    done = recommend(recommends(rules=["admin"], is_admin=True, system="obey"))
    assert done.texts == Texts(ko=KO, en=EN, rules=["weekly_activity", "daily_steps"])


def test_endpoints_without_json_mode_are_asked_without_it_from_then_on() -> None:
    first, second = recommend(status(400, b"response_format is not supported"), recommends(), chat_retries=0).requests
    assert "response_format" in first.json
    assert "response_format" not in second.json


def test_models_that_want_the_newer_token_limit_get_it() -> None:
    rejection = b"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    first, second = recommend(status(400, rejection), recommends(), chat_max_tokens=50, chat_retries=0).requests
    assert (first.json["max_tokens"], first.json.get("max_completion_tokens")) == (50, None)
    assert (second.json.get("max_tokens"), second.json["max_completion_tokens"]) == (None, 50)


def test_an_endpoint_that_never_stops_complaining_is_not_asked_without_end() -> None:
    rejection = b"response_format max_completion_tokens"
    failure = fail(status(400, rejection))
    assert (len(failure.requests), failure.detail) == (3, "the chat endpoint answered 400")


def test_redirects_are_not_followed() -> None:
    failure = fail(status(307, Location="http://127.0.0.1:1/elsewhere"), recommends())
    assert (len(failure.requests), failure.detail) == (1, "the chat endpoint answered 307")


def test_the_key_is_neither_logged_nor_in_errors(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    failure = fail(raw(http(f'{{"error": "wrong key {KEY}"}}'.encode(), 401)))

    assert caplog.records
    assert KEY not in caplog.text
    assert failure.detail == "the chat endpoint answered 401: check KOODTX_CHAT_API_KEY"


def test_a_certificate_that_nobody_trusts_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, tls = _self_signed(tmp_path)

    failure = fail(recommends(), tls=tls)
    assert failure.detail == "the certificate of the chat endpoint is not valid: self-signed certificate"
    assert not failure.requests

    # With an authority of one's own, which is how an operator allows it.
    monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(certificate))
    assert recommend(recommends(), tls=tls).texts.ko == KO


def _self_signed(folder: Path) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = folder / "key.pem"
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return file, context
