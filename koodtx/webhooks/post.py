"""One request to a URL of a user: to an address that was checked, without redirects and proxies, in bounded time."""

import asyncio
import ssl
import time
from collections.abc import Sequence
from typing import NamedTuple

import httpx

from koodtx.webhooks.address import AddressRefused, checked_url, host_of, resolve
from koodtx.webhooks.signature import signed_headers

# For all together: to look the name up, to connect, and to wait for the answer.
TOTAL_S = 15.0
_TIMEOUT = httpx.Timeout(None, connect=5)
# Of the answer's body, which nobody looks at: a receiver may be about to write it.
_READ_BYTES = 65_536
# A host may be reachable at some of its addresses only.
_MAX_ADDRESSES = 3

_OK = range(200, 300)


class Message(NamedTuple):
    """What is sent. `secrets`: all of them sign it."""

    message_id: str
    body: bytes
    secrets: Sequence[bytes]


class Answer(NamedTuple):
    """`status` None: there was no answer. `error` None: the message was accepted."""

    status: int | None
    error: str | None


async def post(url: str, message: Message, *, allow_private: bool, total_s: float = TOTAL_S) -> Answer:
    """Sends a message. What goes wrong is in the answer, in words for the owner of the URL."""
    received: list[int] = []
    try:
        async with asyncio.timeout(total_s):
            await _post(url, message, received, allow_private=allow_private)
    except AddressRefused as error:
        return Answer(None, f"not sent: {error}")
    except TimeoutError:
        failure = f"no answer within {total_s:g} s"
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        failure = f"no connection: {_certificate_error(error) or 'the host was not reachable'}"
    except (httpx.HTTPError, httpx.InvalidURL):
        failure = "the connection broke, or the answer is not HTTP"
    else:
        failure = ""
    # Once there is a status, it does not matter how the rest of the answer ended.
    if not received:
        return Answer(None, failure)
    status = received[0]
    return Answer(status, None if status in _OK else f"the receiver answered {status}")


async def _post(url: str, message: Message, received: list[int], *, allow_private: bool) -> None:
    checked = checked_url(url, allow_private=allow_private)
    addresses = await resolve(checked, allow_private=allow_private)
    failure: httpx.TransportError | None = None
    for address in addresses[:_MAX_ADDRESSES]:
        try:
            return await _post_to(address, checked, message, received)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failure = error
    assert failure is not None
    raise failure


async def _post_to(address: str, url: httpx.URL, message: Message, received: list[int]) -> None:
    """The connection is to the address, which is not looked up again; TLS and the receiver see the name."""
    request = httpx.Request(
        "POST",
        url.copy_with(host=address),
        content=message.body,
        headers={
            "Host": url.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "User-Agent": "koodtx-webhooks",
            "Accept-Encoding": "identity",
            **_signed(message),
        },
        extensions={"sni_hostname": host_of(url), "timeout": _TIMEOUT.as_dict()},
    )
    # A transport for this request alone: no connection to an address is used again for another name. And without a
    # client, which would log the URL, where there may be a key of the receiver.
    async with httpx.AsyncHTTPTransport(verify=httpx.create_ssl_context(), trust_env=False) as transport:
        answer = await transport.handle_async_request(request)
        try:
            received.append(answer.status_code)
            count = 0
            async for piece in answer.aiter_raw():
                count += len(piece)
                if count >= _READ_BYTES:
                    break
        finally:
            await answer.aclose()


def _signed(message: Message) -> dict[str, str]:
    sent_at = int(time.time())
    signed = [signed_headers(secret, message.message_id, message.body, sent_at) for secret in message.secrets]
    return signed[0] | {"webhook-signature": " ".join(one["webhook-signature"] for one in signed)}


def _certificate_error(error: BaseException | None) -> str | None:
    """Why TLS was refused; None: for another reason."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    if error is None:
        return None
    return getattr(error, "verify_message", None) or "TLS failed"
