"""A slow link to a server: bytes that were sent arrive late, also those of clients that have given up."""

import queue
import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

_STEPS_PER_S = 20
_CHUNK = 65_536


class SlowLink:
    """A proxy that forwards to `url` at so many bytes per second; answers come back at once."""

    def __init__(self, url: str, bytes_per_s: float) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._server = (parts.hostname, parts.port)
        self._step = max(1, round(bytes_per_s / _STEPS_PER_S))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._is_closed = threading.Event()
        self._forwarding: list[threading.Thread] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def wait_until_all_arrived(self) -> None:
        for thread in self._forwarding:
            thread.join(60)
            assert not thread.is_alive()

    def close(self) -> None:
        self._is_closed.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                sent: queue.Queue[bytes] = queue.Queue()
                threading.Thread(target=_read_all, args=[client, sent], daemon=True).start()
                threading.Thread(target=_return, args=[server, client], daemon=True).start()
                self._forwarding.append(threading.Thread(target=self._forward, args=[sent, server], daemon=True))
                self._forwarding[-1].start()

    def _forward(self, sent: "queue.Queue[bytes]", server: socket.socket) -> None:
        with server, suppress(OSError):
            while data := sent.get():
                for first in range(0, len(data), self._step):
                    if self._is_closed.wait(1 / _STEPS_PER_S):
                        return
                    server.sendall(data[first : first + self._step])
            server.shutdown(socket.SHUT_WR)


def _read_all(client: socket.socket, sent: "queue.Queue[bytes]") -> None:
    """Reads as fast as the client writes: as a network does, until its buffers are full."""
    with client, suppress(OSError):
        while data := client.recv(_CHUNK):
            sent.put(data)
    sent.put(b"")


def _return(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while data := server.recv(_CHUNK):
            with suppress(OSError):
                client.sendall(data)
        client.shutdown(socket.SHUT_RDWR)
