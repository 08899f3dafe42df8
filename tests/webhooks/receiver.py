"""Receivers of messages: real servers on loopback addresses, scripted by a test."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.scripted_server import Reply, Request, ScriptedServer, raw, status

ACCEPTED = status(200, b"{}")
DROPPED = raw(b"")


def headers_of(request: Request) -> dict[str, str]:
    """By their names in lower case."""
    lines = request.head.split("\r\n")[1:]
    return {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines if line)}


class Receiver:
    """A server in a thread of its own, for callers that are not in its event loop."""

    def __init__(self, server: ScriptedServer) -> None:
        self._server = server
        self.url = server.url + "/hooks"

    @property
    def requests(self) -> list[Request]:
        return self._server.requests

    @property
    def ids(self) -> list[str]:
        """The header webhook-id of each request."""
        return [headers_of(request)["webhook-id"] for request in self.requests]


@contextmanager
def receiving(*replies: Reply) -> Iterator[Receiver]:
    """A receiver that gives each request the next reply; the last one again and again."""
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        entering = asyncio.run_coroutine_threadsafe(stack.enter_async_context(ScriptedServer(*replies)), loop)
        yield Receiver(entering.result(10))
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class Names:
    """Stands for the resolver of the machine: answers for some names, each time the next of their answers."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self._answers = {name.replace("_", "."): given for name, given in answers.items()}
        self.looked_up: list[str] = []
        self._others = socket.getaddrinfo

    def __call__(self, host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host not in self._answers:
            return self._others(host, port, *args, **options)
        self.looked_up.append(host)
        given = self._answers[host]
        addresses = given.pop(0) if len(given) > 1 else given[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]


def certificate_for(name: str, folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The file of a certificate of this name, which is its own authority, and the context of a server that has it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, secret = folder / f"{name}.pem", folder / f"{name}.key"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return file, context
