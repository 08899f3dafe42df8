"""An issuer of OpenID Connect on this machine, which serves its keys over HTTP, changes them, and misbehaves."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

CLIENT_ID = "koodtx-app.apps.example.org"

# Of a path, what is answered instead of the document: bytes, or a status.
Answer = bytes | int


@cache
def rsa_key(number: int, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Made once per process, since it takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(number: int, curve: Any = ec.SECP256R1) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve())


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def public_jwk(key: Any, **members: Any) -> dict[str, Any]:
    """The public key as a member of a key set."""
    algorithm: Any = RSAAlgorithm
    if isinstance(key, ec.EllipticCurvePrivateKey):
        algorithm = ECAlgorithm
    if isinstance(key, ed25519.Ed25519PrivateKey):
        algorithm = OKPAlgorithm
    jwk: dict[str, Any] = json.loads(algorithm.to_jwk(key.public_key()))
    jwk.pop("key_ops", None)
    return jwk | {"use": "sig"} | members


class OpenidIssuer:
    """`keys`: private keys by key id, all of which are published. `requests`: the paths that were asked for."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {"first": rsa_key(1)}
        self.requests: list[str] = []
        self.answers: dict[str, Answer] = {}
        self.discovery: dict[str, Any] = {}
        self._may_answer = Event()
        self._may_answer.set()
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """At its former address, if it had one."""
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer._answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """From now on, connections are refused."""
        self.go_on()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def stall(self) -> None:
        """Requests are accepted, and not answered before `go_on`."""
        self._may_answer.clear()

    def go_on(self) -> None:
        self._may_answer.set()

    def rotate(self, kid: str, key: Any) -> None:
        """From now on, this is the only key."""
        self.keys = {kid: key}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Those of a valid token; None leaves one out."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": "110169484474386276334", "iat": now, "exp": now + 3600}
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def token(
        self, *, kid: str | None = None, algorithm: str = "RS256", header: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """An ID token with these claims, signed with the key of this id; by default the newest."""
        kid = kid or list(self.keys)[-1]
        return jwt.encode(
            self.claims(**changes), self.keys[kid], algorithm=algorithm, headers={"kid": kid} | (header or {})
        )

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        self.requests.append(request.path)
        self._may_answer.wait(60)
        documents: dict[str, Callable[[], Any]] = {
            "/.well-known/openid-configuration": lambda: (
                {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | self.discovery
            ),
            "/keys": lambda: {"keys": [public_jwk(key, kid=kid) for kid, key in self.keys.items()]},
        }
        found = self.answers.get(request.path, documents.get(request.path, lambda: 404))
        content = found if isinstance(found, bytes | int) else json.dumps(found()).encode()
        status, body = (content, b"") if isinstance(content, int) else (200, content)
        # A client that waited too long has gone.
        with suppress(ConnectionError):
            request.send_response(status)
            request.send_header("Location", "/keys")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)


def accepting(issuer: OpenidIssuer) -> dict[str, str]:
    """The environment of a service that accepts the issuer's tokens as Google's."""
    return {"KOODTX_GOOGLE_ISSUER": issuer.url, "KOODTX_GOOGLE_CLIENT_IDS": CLIENT_ID}


@contextmanager
def openid_issuer() -> Iterator[OpenidIssuer]:
    issuer = OpenidIssuer()
    try:
        yield issuer
    finally:
        issuer.stop()
