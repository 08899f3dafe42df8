"""The keys by which user names and e-mail addresses are compared, of accounts that have none yet."""

from typing import Any, LiteralString

from psycopg import Connection, sql

from koodtx.names import folded

_NAMES: tuple[LiteralString, ...] = ("username", "email")


def fill_account_keys(connection: Connection[Any]) -> int:
    """Gives each account its keys, and returns how many accounts have to stay without one.

    Versions before migration 0018 compared names by the database's lower(), so two accounts may have names that are one
    now. The older account gets the key; the other one logs in by its exact spelling.
    """
    with connection.transaction():
        # A statement that fails on a name would leave it in the server's log.
        connection.execute("lock table app.users in share row exclusive mode")
        return sum(_fill(connection, name) for name in _NAMES)


def _fill(connection: Connection[Any], name: LiteralString) -> int:
    column, key = sql.Identifier(name), sql.Identifier(f"{name}_key")
    lacking = sql.SQL("select id, {} from app.users where {} is null and {} is not null order by id")
    rows = connection.execute(lacking.format(column, key, column)).fetchall()
    chosen: dict[str, int] = {}
    for user_id, text in rows:
        new = folded(text)
        # A user name with a full-width @ could be an e-mail address of another account.
        if name == "email" or "@" not in new:
            chosen.setdefault(new, user_id)
    update = sql.SQL(
        "update app.users as u set {} = n.key from unnest(%s::bigint[], %s::text[]) as n (id, key)"
        " where u.id = n.id and not exists (select from app.users as o where o.{} = n.key)"
    )
    filled = connection.execute(update.format(key, key), [list(chosen.values()), list(chosen)])
    return len(rows) - filled.rowcount
