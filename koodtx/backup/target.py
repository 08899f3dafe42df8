"""The database to be restored: what it contains, a second one that is filled, and the exchange of the two."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from msgspec import Struct
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from koodtx.backup.errors import BackupError

# Others may connect again between their disconnection and the renaming.
_EXCHANGE_TRIES = 5

_CONTENTS = """
select format('schema %s (%s tables and views)', n.nspname, count(c.oid))
from pg_namespace as n
left join pg_class as c on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not exists (select from pg_depend as d where d.objid = c.oid and d.deptype = 'e')
where n.nspname !~ '^(pg_|_?timescaledb)' and n.nspname <> 'information_schema'
group by n.nspname
having n.nspname <> 'public' or count(c.oid) > 0
order by n.nspname
"""

_ROWS = """
select format('%s accounts', (select count(*) from app.users)),
    format('%s sessions', count(*)), format('%s readings', coalesce(sum(data_count), 0))
from app.recording_sessions
"""

_RIGHTS = """
select r.rolsuper, r.rolcreatedb and pg_has_role(d.datdba, 'member'),
    (select count(*) from pg_stat_activity as a where a.datname = d.datname and a.pid <> pg_backend_pid()
        and not r.rolsuper and not pg_has_role(a.usesysid, 'member') and not pg_has_role('pg_signal_backend', 'member'))
from pg_roles as r, pg_database as d
where r.rolname = current_user and d.datname = current_database()
"""

# Properties of a database that a dump does not contain, as statements about the one named %(new)s.
_BELONGINGS = """
select format('alter database %%I owner to %%I', %(new)s::text, pg_get_userbyid(datdba)) as statement, 1 as place
from pg_database where datname = %(old)s
union all
select format('revoke all on database %%I from public', %(new)s::text), 2
from pg_database where datname = %(old)s and datacl is not null
union all
select format('grant %%s on database %%I to %%s%%s', a.privilege_type, %(new)s::text,
    case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
    case when a.is_grantable then ' with grant option' else '' end), 3
from pg_database, aclexplode(datacl) as a where datname = %(old)s
union all
select format('alter %%s set %%I = %%s',
    case setrole when 0 then format('database %%I', %(new)s::text)
    else format('role %%I in database %%I', pg_get_userbyid(setrole), %(new)s::text) end,
    split_part(setting, '=', 1),
    -- Lists stay as they were written, with their names quoted.
    case when split_part(setting, '=', 1) in ('search_path', 'session_preload_libraries', 'temp_tablespaces')
        then substr(setting, strpos(setting, '=') + 1)
        else quote_literal(substr(setting, strpos(setting, '=') + 1)) end), 4
from pg_db_role_setting join pg_database on oid = setdatabase, unnest(setconfig) as setting
where datname = %(old)s
order by place
"""


class Target(Struct, frozen=True):
    """A database before its restore. `contents` describes it in words; `is_superuser` is about the current role."""

    url: str
    name: str
    title: str
    server_major: int
    contents: str
    is_superuser: bool


def look(url: str) -> Target:
    """Raises BackupError if the database cannot be reached, or if this role may not replace it."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            is_superuser = _require_rights(connection)
            info = connection.info
            title = f"{info.dbname} on {info.host}:{info.port}"
            return Target(url, info.dbname, title, info.server_version // 10000, _contents(connection), is_superuser)
    except psycopg.OperationalError as error:
        raise BackupError(f"the database cannot be reached: {str(error).splitlines()[0]}") from error


@contextmanager
def database_beside(target: Target) -> Iterator[str]:
    """The URL of an empty database on the same server, which replaces `target` if nothing is raised.

    Until then `target` is unchanged and may be in use; afterwards it is gone, and connections to it have ended.
    """
    draft = f"{target.name[:48]}_restoring"
    with _maintenance(target) as connection:
        _lock(connection, draft)
        _drop(connection, draft)
        _create_like(connection, target.name, draft)
        try:
            yield make_conninfo(target.url, dbname=draft)
            _exchange(connection, target.name, draft)
        finally:
            _drop(connection, draft)


def _contents(connection: Connection[Any]) -> str:
    """Empty for an empty database, or one with nothing but an extension."""
    schemas = [row[0] for row in connection.execute(_CONTENTS)]
    has_rows = connection.execute("select to_regclass('app.recording_sessions')").fetchone() != (None,)
    rows = list(connection.execute(_ROWS).fetchone() or ()) if has_rows else []
    return ", ".join([*rows, *schemas])


def _require_rights(connection: Connection[Any]) -> bool:
    row = connection.execute(_RIGHTS).fetchone()
    assert row is not None
    is_superuser, may_create, others = row
    if not (is_superuser or may_create):
        raise BackupError(
            "this role may not create databases: restore as a superuser, or as the database's owner with createdb"
        )
    if others:
        raise BackupError(f"{others} connections of other roles are open: stop the service first")
    return bool(is_superuser)


@contextmanager
def _maintenance(target: Target) -> Iterator[Connection[Any]]:
    """A connection to another database of the same server: the current one cannot be dropped."""
    name = "template1" if conninfo_to_dict(target.url).get("dbname") == "postgres" else "postgres"
    with psycopg.connect(make_conninfo(target.url, dbname=name), autocommit=True) as connection:
        yield connection


def _lock(connection: Connection[Any], draft: str) -> None:
    if connection.execute("select pg_try_advisory_lock(hashtext(%s))", [draft]).fetchone() == (False,):
        raise BackupError("another restore of this database is running")


def _create_like(connection: Connection[Any], old: str, new: str) -> None:
    """With the encoding, locale, owner, privileges and settings of the old one."""
    row = connection.execute(
        """
        select pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider,
            coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')
        from pg_database as d where datname = %s
        """,
        [old],
    ).fetchone()
    assert row is not None
    encoding, collate, ctype, provider, locale = row
    statement = sql.SQL("create database {} template template0 encoding {} lc_collate {} lc_ctype {}").format(
        sql.Identifier(new), sql.Literal(encoding), sql.Literal(collate), sql.Literal(ctype)
    )
    if provider in ("i", "b"):
        kind = sql.SQL("icu" if provider == "i" else "builtin")
        statement += sql.SQL(" locale_provider {} {}_locale {}").format(kind, kind, sql.Literal(locale))
    connection.execute(statement)
    for belonging, _place in connection.execute(_BELONGINGS, {"old": old, "new": new}).fetchall():
        connection.execute(belonging)


def _exchange(connection: Connection[Any], old: str, new: str) -> None:
    """Both names change in one transaction: a database of that name exists at every moment."""
    aside = f"{old[:48]}_replaced"
    _drop(connection, aside)
    for remaining in reversed(range(_EXCHANGE_TRIES)):
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = any(%s)", [[old, new]]
        )
        try:
            with connection.transaction():
                _rename(connection, old, aside)
                _rename(connection, new, old)
            break
        except psycopg.errors.ObjectInUse as error:
            if not remaining:
                raise BackupError("other connections still use the database: stop the service first") from error
    _drop(connection, aside)


def _rename(connection: Connection[Any], old: str, new: str) -> None:
    connection.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(old), sql.Identifier(new)))


def _drop(connection: Connection[Any], name: str) -> None:
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
