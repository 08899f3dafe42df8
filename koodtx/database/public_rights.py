"""Takes rights away that PostgreSQL gives everyone, so that who may only read can neither store nor block anything."""

from typing import Any

from psycopg import Connection, errors, sql

_LEFT = "select statement from app.public_rights()"
# For psql, which runs each row.
COMMAND = f"{_LEFT} \\gexec"


def restrict(connection: Connection[Any]) -> list[str]:
    """Takes away what this role may; returns the statements that are left for a superuser, none if there are none."""
    for statement in rights_left(connection):
        try:
            # A role without the privilege gets an error or, for functions, only a warning.
            connection.execute(sql.SQL(statement))
        except errors.InsufficientPrivilege:
            continue
    return rights_left(connection)


def rights_left(connection: Connection[Any]) -> list[str]:
    return [statement for (statement,) in connection.execute(_LEFT)]
