"""Downloads of audio files from a real server, within limits."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from koodtx.http_client import make_client
from koodtx.scorer import download as download_module
from koodtx.scorer.download import download
from koodtx.scorer.errors import NotDownloaded
from tests.scorer.sounds import DIGITS
from tests.scorer.world import World, running_world

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_world() as world:
        yield world


def fetch(url: str, path: Path) -> None:
    async def run() -> None:
        async with make_client() as http:
            await download(http, url, path, "the take")

    asyncio.run(run())


def test_a_file_arrives_as_it_is(world: World, tmp_path: Path) -> None:
    fetch(f"{world.url}/files/fsdd/7_theo_0.wav", tmp_path / "take")
    assert (tmp_path / "take").read_bytes() == (DIGITS / "7_theo_0.wav").read_bytes()


def test_a_body_of_unknown_length_is_cut_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(download_module, "MAX_BYTES", 3 * 2**20)
    with raw_server(send_without_end) as url, pytest.raises(NotDownloaded, match="more than 3 MB"):
        fetch(url, tmp_path / "take")
    assert (tmp_path / "take").stat().st_size <= 3 * 2**20


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(download_module, "LIMIT_S", 1)
    with raw_server(trickle) as url, pytest.raises(NotDownloaded, match="could not be downloaded within 1 s"):
        fetch(url, tmp_path / "take")


def test_a_server_that_is_away_is_reported_without_its_address(tmp_path: Path) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        with pytest.raises(NotDownloaded) as found:
            fetch(f"http://127.0.0.1:{port}/signed", tmp_path / "take")
    assert found.value.detail == "the take could not be downloaded: ConnectError"


def test_a_body_that_ends_early_is_reported(tmp_path: Path) -> None:
    def end_early(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nRIFF")

    with raw_server(end_early) as url, pytest.raises(NotDownloaded, match="RemoteProtocolError"):
        fetch(url, tmp_path / "take")


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Answers one connection by hand."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with peer, suppress(OSError):
                peer.recv(65_536)
                answer(peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/take"
        thread.join()


def send_without_end(peer: socket.socket) -> None:
    """Until the peer closes the connection."""
    peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        peer.sendall(bytes(65_536))


def trickle(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        peer.sendall(b"R")
        time.sleep(0.1)
