"""Names of types that many tests use."""

from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.maintenance.messages import Run

Client = TestClient[Litestar]
Db = psycopg.Connection[Any]
# Parsed JSON: a request, a reply or a part of one.
Document = dict[str, Any]
# {username, email, password, headers} and the reply of the registration.
User = dict[str, Any]
Readings = list[dict[str, Any]]
Rows = list[dict[str, Any]]

# Fixtures that are functions.
Call = Callable[..., Any]
CreateUser = Callable[..., User]
CreateSession = Callable[..., Document]
Push = Callable[..., Document]
Pull = Callable[..., Document]
Ask = Callable[..., Rows]
Record = Callable[..., int]
RunTask = Callable[..., Run]
Archive = Callable[..., tuple[int, int]]
BackUp = Callable[[], list[str]]
Restore = Callable[..., list[str]]
Wreck = Callable[[], None]
Serve = Callable[[Mapping[str, str]], str]
