"""What a migration needs that only a superuser may do, checked before anything is changed."""

from typing import Any

from psycopg import Connection, sql

from koodtx.database.errors import MigrationError
from koodtx.settings import Settings

_OLDEST_POSTGRESQL = 150000
_ROLES = ("koodtx_app", "koodtx_analyst")


def check(connection: Connection[Any], settings: Settings) -> None:
    """Makes the extension where it may; raises MigrationError with the SQL to run where it may not."""
    if connection.info.server_version < _OLDEST_POSTGRESQL:
        raise MigrationError(f"PostgreSQL 15 or newer is needed; this is {connection.info.server_version // 10000}")
    # Tables that are plain stay plain: with the extension beside them the database would look like another edition.
    is_new = connection.execute("select to_regclass('app.sensor_data')").fetchone() == (None,)
    wants_extension = settings.timescaledb != "off" and is_new and _is_extension_missing(connection)
    missing = [
        *(f"create role {role} nologin;" for role in _missing_roles(connection)),
        *(["create extension timescaledb;"] if wants_extension and not _may_create_extension(connection) else []),
    ]
    if missing:
        raise MigrationError(_refusal(missing, "koodtx migrate"))
    if wants_extension:
        connection.execute("create extension if not exists timescaledb")


def create_roles(connection: Connection[Any]) -> None:
    """The roles that a restored dump grants to. Raises MigrationError with the SQL to run where it may not."""
    refused = _missing_roles(connection)
    if refused:
        raise MigrationError(_refusal([f"create role {role} nologin;" for role in refused], "koodtx restore"))
    for role in _ROLES:
        if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
            connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))


def _refusal(statements: list[str], command: str) -> str:
    lines = "\n".join(f"    {statement}" for statement in statements)
    return (
        f"nothing was changed: this role may not do what is needed. Let a superuser run, in this database:\n"
        f"{lines}\nthen run `{command}` again."
    )


def _missing_roles(connection: Connection[Any]) -> list[str]:
    """The roles that are not there and that we may not create."""
    rows = connection.execute(
        """
        select wanted from unnest(%s::text[]) as wanted
        where not exists (select from pg_roles where rolname = wanted)
            and not exists (select from pg_roles where rolname = current_user and (rolsuper or rolcreaterole))
        """,
        [list(_ROLES)],
    )
    return [row[0] for row in rows]


def _is_extension_missing(connection: Connection[Any]) -> bool:
    row = connection.execute(
        "select 1 from pg_available_extensions where name = 'timescaledb' and installed_version is null"
    ).fetchone()
    return row is not None


def _may_create_extension(connection: Connection[Any]) -> bool:
    row = connection.execute(
        """
        select r.rolsuper or (v.trusted and has_database_privilege(current_database(), 'create'))
        from pg_roles as r, pg_available_extensions as a
        join pg_available_extension_versions as v on v.name = a.name and v.version = a.default_version
        where r.rolname = current_user and a.name = 'timescaledb'
        """
    ).fetchone()
    return row is not None and bool(row[0])
