"""A network that loses requests and replies, and on which what passes is compared with a model."""

import gzip
import json

import httpx

from tests.support.aliases import Document
from tests.support.column_blocks import expanded
from tests.sync.histories.model import Model


class CheckedTransport(httpx.BaseTransport):
    """`faults`: what befalls the next requests: `request lost`, `reply lost`, `timeout` of the reply, `late` (a
    timeout of a request that may still arrive), a status of a proxy's, or nothing.

    `late`: the requests that may still arrive.

    `hides_forms`: as if the server were older, and did not say that it takes blocks of readings.
    """

    def __init__(self, model: Model, network: httpx.BaseTransport | None = None) -> None:
        self.model = model
        self.faults: list[str] = []
        self.hides_forms = False
        self.pushes: list[Document] = []
        self.late: list[httpx.Request] = []
        self._network = network or httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "request lost":
            raise httpx.ConnectError(fault, request=request)
        if fault == "late":
            request.read()
            self.late.append(request)
            raise httpx.ReadTimeout(fault, request=request)
        if fault.isdigit():
            return httpx.Response(int(fault), headers={"Retry-After": "1"})
        response = self._network.handle_request(request)
        response.read()
        self._observe(request, response)
        if self.hides_forms and request.url.path == "/api/sync/status":
            status = response.json()
            del status["forms"]
            return httpx.Response(200, json=status)
        if fault == "reply lost":
            raise httpx.ReadError(fault, request=request)
        if fault == "timeout":
            raise httpx.ReadTimeout(fault, request=request)
        return response

    def deliver_late(self) -> list[int]:
        """Has the late requests arrive; the statuses of their replies, which nobody receives."""
        statuses = []
        for request in self.late:
            response = self._network.handle_request(request)
            response.read()
            self._observe(request, response)
            statuses.append(response.status_code)
        self.late.clear()
        return statuses

    def _observe(self, request: httpx.Request, response: httpx.Response) -> None:
        """As requests come one after another, what is answered by 200 is what is stored."""
        assert response.status_code < 500, response.text
        if not response.is_success:
            return
        if request.url.path == "/api/sync/push":
            body = json.loads(gzip.decompress(request.read()))
            self.pushes.append(body)
            self._check_push(body, response.json())
        elif request.method == "DELETE":
            assert self.model.delete(request.url.path.rpartition("/")[2])

    def _check_push(self, body: Document, reply: Document) -> None:
        expected = self.model.push(body | {"sensor_data": expanded(body["sensor_data"])})
        found = {name: reply[name] for name in expected if name not in ("rejected", "replayed")}
        found["rejected"] = sorted(item["index"] for item in reply["rejected"])
        if reply.get("replayed"):
            found["replayed"] = True
        assert found == expected, "the counts of a push"

    def close(self) -> None:
        self._network.close()
