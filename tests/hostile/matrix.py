"""The authorisation matrix: every route that names an object, times every caller, times own, shared, missing, deleted.

Routes and their rights come from `app.routes`; who has a right is in the one table below.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
from litestar import Litestar
from litestar.exceptions import WebSocketDisconnect
from litestar.routes import HTTPRoute

from tests.hostile.surface import NO_JOB, Operation, operations
from tests.hostile.world import Copies, Names, World
from tests.support.aliases import Client, Db
from tests.support.speech import recording

NOBODY = ("anonymous", "expired", "refresh token", "disabled")
SOMEBODY = ("owner", "stranger", "viewer", "downloader", "lead", "former", "late", "unshared", "invited", "admin")
STATES = ("shared", "own", "missing", "deleted")
# Of sessions that are read by a share: without it, by one that is not, and another session of the owner's by it.
SHARE_STATES = ("without share", "wrong share", "beside")

# What is shared with whom changes nothing of what they are in the team.
_MEMBERS = {"viewer", "downloader", "late", "unshared"}
# Who has a right to what the owner shares. To what is their own everybody has every right.
ALLOWED = {
    "job:view": {"owner", "viewer", "lead"},
    "job:download": {"owner", "downloader", "lead"},
    "job:own": {"owner"},
    "job:share": {"owner", "admin"},
    "job:unshare": {"owner", "lead", "admin"},
    "job:any": {"admin"},
    "export:own": {"owner"},
    "session:view": {"owner", "viewer", "lead"},
    "session:download": {"owner", "downloader", "lead"},
    "session:own": {"owner"},
    "team:view": {"owner", "lead", *_MEMBERS, "invited", "admin"},
    "team:members": {"owner", "lead", *_MEMBERS, "admin"},
    "team:join": {"owner", "lead", *_MEMBERS, "invited"},
    "team:lead": {"owner", "lead", "admin"},
    "team:leave": {"owner", "lead", "admin"},  # of another member
    "share:own": {"owner"},
    "share:end": {"owner", "lead", "admin"},
    "device:own": {"owner"},
    "identity:own": {"owner"},
    "record:own": {"owner"},
    "take:own": {"owner"},
    "schedule:any": {"admin"},
    "script:read": set(SOMEBODY),
    "script:any": {"admin"},
    "token:read": set(SOMEBODY),
    "token:any": {"admin"},
    "actor:any": {"admin"},
    "webhook:own": {"owner"},
}
# Who sees the object and gets 403 instead of 404.
FORBIDDEN = dict.fromkeys(("team:lead", "team:leave"), _MEMBERS)
# Everybody gets an answer, which has only objects of their own.
LISTS = ("job:list",)
# Not of an account: tests/storage/test_links.py, tests/web/.
ELSEWHERE = ("link:hold", "page:read")
# What the owner may still do with what is deleted: repeat it, or look back.
STILL = {
    ("DELETE", "/api/sessions/{session_id}"), ("DELETE", "/api/records/{record_id}"),
    ("GET", "/api/v1/shares/{share_id}/accesses"),
    # Takes outlast their jobs.
    ("GET", "/api/tokens/analysis-result/{job_id}"),
}  # fmt: skip

# Whose id `{job_id}` is, where it is not that of an analysis.
_JOBS = {"export:own": "export_id", "take:own": "take_id"}

_OK = 200


class Route(NamedTuple):
    """A method of a path, and what it declares."""

    method: str
    path: str
    policy: str
    right: str

    @property
    def reads(self) -> bool:
        return self.method == "GET"


class Cell(NamedTuple):
    """A request and the status that it must get; 200: that of any success."""

    route: Route
    who: str
    state: str

    @property
    def expected(self) -> int:
        route, who, state = self.route, self.who, self.state
        if who in NOBODY:
            return 401
        if route.policy == "admin" and who != "admin":
            return 403
        if route.right in LISTS:
            return _OK
        if state == "deleted":
            return _OK if who == "owner" and (route.method, route.path) in STILL else 404
        if state in ("without share", "beside") and who == "owner":
            return _OK
        if state in ("missing", *SHARE_STATES):
            return 404
        if state == "own" or who in ALLOWED[route.right]:
            return _OK
        return 403 if who in FORBIDDEN.get(route.right, ()) else 404

    def __str__(self) -> str:
        return f"{self.route.method} {self.route.path} by {self.who}, {self.state}"


class Wrong(NamedTuple):
    """A cell that is not as it must be."""

    cell: str
    found: object


def routes_with_rights(app: Litestar) -> list[Route]:
    """All of HTTP that name an object of an account."""
    found = [
        Route(method, route.path_format, handler.opt["policy"], handler.opt["right"])
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if method not in ("OPTIONS", "HEAD") and "right" in handler.opt
    ]
    return [route for route in found if route.right not in ELSEWHERE]


def cells_of(route: Route, described: Operation) -> list[Cell]:
    by_share = SHARE_STATES if any(name == "share_id" and at == "query" for at, name, _ in described.parameters) else ()
    cells = [Cell(route, who, state) for who in NOBODY for state in ("shared", "missing")]
    cells += [Cell(route, who, state) for who in SOMEBODY for state in (*STATES, *by_share)]
    # What the owner has is what is shared.
    return [cell for cell in cells if (cell.who, cell.state) != ("owner", "own")]


class Matrix:
    """The cells of one running application. What is wrong comes one after another, so that a search may stop."""

    def __init__(self, app: Litestar, client: Client, db: Db, world: World) -> None:
        self.routes = routes_with_rights(app)
        self._client = client
        self._world = world
        self._copies = Copies(db)
        self._described = {str(one): one for one in operations(client)}

    def cells(self) -> list[Cell]:
        """Those of requests; streams come in addition."""
        return [cell for route in self.routes for cell in cells_of(route, self._of(route))]

    def refused(self) -> Iterator[Wrong]:
        """Requests to change something that must be refused. The database is as before, then."""
        yield from self._run(lambda cell: not cell.route.reads and cell.expected != _OK)

    def read(self) -> Iterator[Wrong]:
        """Requests that read, by GET and HEAD."""
        yield from self._run(lambda cell: cell.route.reads)

    def changed(self) -> Iterator[Wrong]:
        """Requests to change something that must succeed, each on a copy of its own."""
        yield from self._run(lambda cell: not cell.route.reads and cell.expected == _OK)

    def streams(self) -> Iterator[Wrong]:
        """Event streams and WebSockets, by token and by ticket in the query, which open them where no header can be
        sent."""
        for who in (*NOBODY, *SOMEBODY):
            for state in STATES if who in SOMEBODY else ("shared", "missing"):
                names = self._names(who, state)
                if names is None:
                    continue
                for route in self.routes:
                    if route.policy == "public":
                        cell = Cell(route, who, state)
                        for token in self._tokens(who):
                            url = route.path.format(**names) + f"?token={token}"
                            yield from self._compare(f"{cell} by {token[:6]}", cell.expected, self._client.get(url))
                codes = {_OK: 1000, 401: 4401, 404: 4404}
                job_view = Route("GET", "/ws/analysis/{job_id}", "user", "job:view")
                expected = codes[Cell(job_view, who, state).expected]
                for token in self._tokens(who):
                    found = self._close_code(f"/ws/analysis/{names['job_id']}?token={token}")
                    if found != expected:
                        yield Wrong(f"WebSocket by {who} with {token[:6]}, {state}", found)

    def _run(self, chosen: Any) -> Iterator[Wrong]:
        for route in self.routes:
            described = self._of(route)
            nothing: list[Any] = []
            for cell in cells_of(route, described):
                if not chosen(cell):
                    continue
                reply = self._call(cell, described)
                if reply is None:
                    continue
                yield from self._compare(str(cell), cell.expected, reply)
                if cell.expected == 404 or (route.right in LISTS and _is_nothing(cell)):
                    nothing.append(_without_number(reply))
                    if nothing[-1] != nothing[0]:
                        yield Wrong(f"{cell}: the body differs", reply.text)
                if route.reads and cell.state in ("shared", "missing"):
                    head = self._call(cell, described, "HEAD")
                    assert head is not None
                    yield from self._compare(f"HEAD, {cell}", cell.expected, head)

    def _compare(self, cell: str, expected: int, reply: httpx.Response) -> Iterator[Wrong]:
        found = _OK if reply.is_success else reply.status_code
        if found != expected:
            yield Wrong(cell, f"{reply.status_code} {reply.text[:200]}")

    def _call(self, cell: Cell, described: Operation, method: str | None = None) -> httpx.Response | None:
        """The reply; None: there is nothing of this state for this caller."""
        route = cell.route
        names = self._names(cell.who, cell.state)
        if names is None:
            return None
        if not route.reads and cell.expected == _OK and cell.state in ("shared", "own"):
            status = {"retry": "cancelled", "cancel": "queued"}.get(route.path.rpartition("/")[2], "completed")
            names = self._copies.of(route.right.partition(":")[0], names, status)
        query = {"sensor": "accelerometer"}
        if cell.state == "wrong share":
            query["share_id"] = NO_JOB
        elif cell.who not in ("owner", *NOBODY) and cell.state not in ("own", "without share"):
            query["share_id"] = names["share_id"]
        if route.right in LISTS:
            query["session_id"] = names["session_id"]
        job = _JOBS.get(route.right, "job_id")
        filled = names | {"job_id": names[job]}
        path_names = {name: value for name, value in filled.items() if f"{{{name}}}" in route.path}
        return self._client.request(
            method or route.method,
            described.url(**query | path_names),
            headers=self._world.headers[cell.who],
            json=_filled(described.body, names),
            files={described.file: ("a.wav", recording(9).read_bytes())} if described.file else None,
            follow_redirects=False,
        )

    def _of(self, route: Route) -> Operation:
        return self._described[f"{route.method} {route.path}"]

    def _names(self, who: str, state: str) -> Names | None:
        place = "shared" if state in ("without share", "wrong share") else state
        things = self._world.things[place]
        return things.get(who, things["viewer"] if who in NOBODY else None)  # type: ignore[arg-type]

    def _tokens(self, who: str) -> list[str]:
        """An access token, and of who may have one a ticket."""
        headers = self._world.headers[who]
        tokens = [headers["Authorization"].removeprefix("Bearer ")] if headers else [""]
        if who in SOMEBODY:
            tokens.append(self._client.post("/api/v1/tickets", headers=headers).json()["ticket"])
        return tokens

    def _close_code(self, url: str) -> int:
        with self._client.websocket_connect(url) as socket:
            try:
                while True:
                    socket.receive_json(timeout=20)
            except WebSocketDisconnect as closed:
                return closed.code


def _is_nothing(cell: Cell) -> bool:
    return cell.who in SOMEBODY and cell.state not in ("own", *(("shared",) if cell.who == "owner" else ()))


def _without_number(reply: httpx.Response) -> Any:
    """The answer without its own number."""
    return {name: value for name, value in reply.json().items() if name != "request_id"}


def _filled(body: Any, names: Names) -> Any:
    """The body with the object's names instead of those of the example."""
    if not isinstance(body, dict):
        return body
    fits = {
        "team_id": names["team_id"], "session_id": names["session_id"], "session_ids": [names["session_id"]],
        "expires_at": None, "can_view": True,
        "id": int(names["schedule_id"]), "name": f"renamed {names['schedule_id']}", "token_id": int(names["token_id"]),
    }  # fmt: skip
    filled = {name: fits.get(name, value) for name, value in body.items()}
    if "session_ids" in filled:
        filled.pop("from", None)
        filled.pop("to", None)
    return filled
