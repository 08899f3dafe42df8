"""Planted bugs: wrong policies, each a small change of the real source. The matrix must turn red with each of them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import pytest
from litestar.handlers import HTTPRouteHandler

from tests.support.aliases import Db
from tests.sync.histories.bugs import Edit, edited

_USABLE = "sql/rights/usable_shares.sql"
_READABLE = "sql/recordings/readable_sessions.sql"
_MAY_JOB = "sql/jobs/may_see_job.sql"
_SHARING = "koodtx/sharing/store.py"
_OWN = "koodtx/jobs/own.py"
_SERIES = "    check_points(method, points)\n    async with state.pool.connection() as connection:\n"

BUGS: dict[str, Edit] = {
    "shares do not expire": Edit(_USABLE, "and (h.expires_at is null or h.expires_at > app.now())", ""),
    "ended shares are usable": Edit(_USABLE, "and h.ended_at is null and (h", "and (h"),
    "who views may download": Edit(_USABLE, "when 'download' then h.can_download", "when 'download' then h.can_view"),
    "who downloads may view": Edit(_USABLE, "when 'view' then h.can_view", "when 'view' then h.can_download"),
    "shares are for everybody": Edit(
        _USABLE,
        "app.team_members as m\n    join app.shares as h on h.team_id = m.team_id\n    where m.user_id = _user_id and",
        "app.shares as h\n    where",
    ),
    "who leaves stays a member": Edit(
        "sql/sharing/remove_member.sql",
        "delete from app.team_members as m where m.team_id = _team_id and m.user_id = _member_id;",
        "",
    ),
    "strangers see jobs": Edit(_MAY_JOB, "(j.user_id = _user_id and _action in", "(_action in"),
    "who views may end": Edit(_OWN, 'user_id, job_id, "end")', 'user_id, job_id, "view")'),
    "jobs are listed by session alone": Edit(
        "sql/jobs/list_own_jobs.sql", "where j.user_id = _user_id\n", "where true\n"
    ),
    "sessions of any owner": Edit(
        _READABLE, "when _share_id is null then _user_id", "when _share_id is null then s.user_id"
    ),
    "a share opens all of its owner": Edit(_READABLE, "            _share_id is null\n", "            true\n"),
    "notes of any owner": Edit(
        "sql/sessions/edit_session.sql", "where user_id = _user_id and session_id", "where session_id"
    ),
    "deletes of any owner": Edit(
        "sql/sessions/delete_session.sql",
        "where user_id = _user_id and session_id = _session_id\n",
        "where session_id = _session_id\n",
    ),
    "series without the check": Edit(
        "koodtx/sessions/routes.py",
        _SERIES + "        session = await store.find_session(connection, request.user.user_id,",
        _SERIES + "        session = await store.find_session(connection, 1,",
    ),
    "watching without the check": Edit("koodtx/live/watch.py", "if is_allowed else None", ""),
    "members may end shares": Edit("sql/sharing/revocable_shares.sql", "and m.role = 'lead'", ""),
    "anybody shares any job": Edit(
        "sql/sharing/share_job.sql", "or (_is_admin and j.user_id is not null)", "or j.user_id is not null"
    ),
    "shares of any job are listed": Edit(
        _SHARING, "where id = %(id)s and user_id = %(user_id)s and", "where id = %(id)s and"
    ),
    "the access log is for everybody": Edit(_SHARING, " and owner_id = %(owner_id)s)", ")"),
    "who is invited sees the members": Edit(
        "koodtx/teams/routes.py", "team.role is None and not caller.is_admin", "False"
    ),
    "members act as leads": Edit(
        "sql/sharing/lock_team.sql",
        "return (select m.role from",
        "return (select 'lead' from",
    ),
    "devices of any user": Edit(
        "koodtx/accounts/store.py",
        "where user_id = %(user_id)s and device_id = %(device_id)s",
        "where device_id = %(device_id)s",
    ),
    "administration is for users": Edit(
        "koodtx/accounts/authorise.py", '(policy == "admin" and caller.is_admin)', 'policy == "admin"'
    ),
    "disabled users go on": Edit("sql/accounts/active_login.sql", " and u.is_active", ""),
    "tokens do not expire": Edit(
        "koodtx/accounts/tokens.py", '"verify_iat": False', '"verify_iat": False, "verify_exp": False'
    ),
    "forbidden differs from missing": Edit(
        _OWN,
        "    if job is None:\n        raise NotFound\n    return job\n",
        "    if job is None:\n        async with pool.connection() as connection:\n"
        "            other = await store.get_job(connection, job_id)\n"
        '        raise NotFound("it is not yours" if other else None)\n    return job\n',
    ),
}


@contextmanager
def planted(bug: Edit, owner: Db) -> Iterator[None]:
    """Has the bug, in the database or in this process, and takes it out of this process again."""
    text = edited(bug.file, [bug])
    with pytest.MonkeyPatch.context() as patch:
        if bug.file.endswith(".sql"):
            owner.execute(text.encode())
        else:
            _patch(patch, bug.file, text)
        yield


def _patch(patch: pytest.MonkeyPatch, file: str, text: str) -> None:
    """Gives the functions of the module the code of the edited text: routes hold the functions themselves."""
    module = sys.modules[file.removesuffix(".py").replace("/", ".")]
    names: dict[str, Any] = dict(module.__dict__)
    exec(compile(text, file, "exec"), names)
    for name, value in names.items():
        new, old = _function(value), _function(module.__dict__.get(name))
        if new is not None and old is not None and new.__globals__ is names:
            patch.setattr(old, "__code__", new.__code__)


def _function(value: Any) -> FunctionType | None:
    function = value.fn if isinstance(value, HTTPRouteHandler) else value
    return function if isinstance(function, FunctionType) else None
