"""The room's SQL calls."""

from typing import Any, LiteralString
from uuid import UUID

from koodtx.accounts.caller import Caller
from koodtx.database.query import Connection, fetch_all, fetch_one, fetch_value
from koodtx.errors import KoodtxError, LimitReached, NotAllowed, NotFound
from koodtx.names import folded
from koodtx.teams.errors import LastLead
from koodtx.teams.messages import MAX_MEMBERS, MAX_TEAMS, Invitation, Member, Role, Team

_TEAMS: LiteralString = "select * from app.list_teams(%(user_id)s, %(is_admin)s, %(team_id)s)"
_ERRORS: dict[str, type[KoodtxError]] = {"missing": NotFound, "last_lead": LastLead}


async def create_team(connection: Connection, user_id: int, name: str) -> UUID:
    """Raises LimitReached."""
    team_id: UUID | None = await fetch_value(
        connection,
        "select app.create_team(%(user_id)s, %(name)s, %(most)s)",
        {"user_id": user_id, "name": name, "most": MAX_TEAMS},
    )
    if team_id is None:
        raise LimitReached(f"you have created {MAX_TEAMS} teams: delete one first")
    return team_id


async def list_teams(connection: Connection, caller: Caller) -> list[Team]:
    """The teams that the caller belongs to or is invited to, by name."""
    return await fetch_all(connection, Team, _TEAMS, _of(caller, None))


async def find_team(connection: Connection, caller: Caller, team_id: UUID) -> Team:
    """A team that the caller belongs to or is invited to; for an administrator, any. Raises NotFound."""
    team = await fetch_one(connection, Team, _TEAMS, _of(caller, team_id))
    if team is None:
        raise NotFound
    return team


async def list_members(connection: Connection, team_id: UUID) -> list[Member]:
    return await fetch_all(
        connection, Member, "select * from app.list_members(%(team_id)s)", {"team_id": team_id}
    )  # fmt: skip


async def list_invitations(connection: Connection, team_id: UUID) -> list[Invitation]:
    return await fetch_all(
        connection,
        Invitation,
        """
        select invitation_id, invited, role, created_at from app.team_invitations
        where team_id = %(team_id)s order by created_at, invitation_id
        """,
        {"team_id": team_id},
    )


async def rename(connection: Connection, caller: Caller, team_id: UUID, name: str) -> None:
    await _change(
        connection,
        "select app.rename_team(%(user_id)s, %(is_admin)s, %(team_id)s, %(name)s)",
        _of(caller, team_id) | {"name": name},
    )


async def delete_team(connection: Connection, caller: Caller, team_id: UUID) -> None:
    await _change(
        connection, "select app.delete_team(%(user_id)s, %(is_admin)s, %(team_id)s)", _of(caller, team_id)
    )  # fmt: skip


async def invite(connection: Connection, caller: Caller, team_id: UUID, login_name: str, role: Role) -> None:
    """The same happens whether there is such an account or not. Raises LimitReached."""
    await _change(
        connection,
        """
        select app.invite_member(
            %(user_id)s, %(is_admin)s, %(team_id)s, %(invited)s, %(invited_key)s, %(role)s, %(most)s
        )
        """,
        _of(caller, team_id)
        | {"invited": login_name, "invited_key": folded(login_name), "role": role, "most": MAX_MEMBERS},
    )


async def withdraw(connection: Connection, caller: Caller, team_id: UUID, invitation_id: UUID) -> None:
    await _change(
        connection,
        "select app.withdraw_invitation(%(user_id)s, %(is_admin)s, %(team_id)s, %(invitation_id)s)",
        _of(caller, team_id) | {"invitation_id": invitation_id},
    )


async def join(connection: Connection, caller: Caller, team_id: UUID) -> None:
    """Accepts an invitation. Raises NotFound when there is none and the caller does not belong to it either."""
    if not await fetch_value(
        connection,
        "select app.join_team(%(user_id)s, %(team_id)s)",
        {"user_id": caller.user_id, "team_id": team_id},
    ):
        raise NotFound


async def remove_member(connection: Connection, caller: Caller, team_id: UUID, member_id: int) -> None:
    """Also declines the caller's own invitation. Raises LastLead."""
    await _change(
        connection,
        "select app.remove_member(%(user_id)s, %(is_admin)s, %(team_id)s, %(member_id)s)",
        _of(caller, team_id) | {"member_id": member_id},
    )


async def set_role(connection: Connection, caller: Caller, team_id: UUID, member_id: int, role: Role) -> None:
    """Raises LastLead."""
    await _change(
        connection,
        "select app.set_member_role(%(user_id)s, %(is_admin)s, %(team_id)s, %(member_id)s, %(role)s)",
        _of(caller, team_id) | {"member_id": member_id, "role": role},
    )


def _of(caller: Caller, team_id: UUID | None) -> dict[str, Any]:
    return {"user_id": caller.user_id, "is_admin": caller.is_admin, "team_id": team_id}


async def _change(connection: Connection, query: LiteralString, parameters: dict[str, Any]) -> None:
    """Runs a function that returns its outcome. Raises NotFound, NotAllowed and what the outcome stands for."""
    outcome: str = await fetch_value(connection, query, parameters)
    if outcome == "not_lead":
        raise NotAllowed("only leads of the team may do this")
    if outcome == "full":
        raise LimitReached(f"the team has {MAX_MEMBERS} members and invitations")
    if outcome != "done":
        raise _ERRORS[outcome]
