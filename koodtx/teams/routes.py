"""/api/v1/teams"""

from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody, PathParameter

from koodtx.accounts.validation import checked_login_name
from koodtx.app_state import AppState
from koodtx.errors import LimitReached, NotAllowed, NotFound
from koodtx.jobs import notify
from koodtx.names import LARGEST_ID
from koodtx.teams import examples, store
from koodtx.teams.errors import LastLead
from koodtx.teams.messages import MemberList, NewInvitation, NewRole, NewTeam, Team, TeamList
from koodtx.web.body import BoundedRequest

MemberId = Annotated[int, PathParameter(name="user_id", ge=1, le=LARGEST_ID)]


@post(
    "/",
    operation_id="createTeam",
    summary="Create a team and lead it",
    opt={"errors": [LimitReached], "examples": {"request": examples.NEW_TEAM, "201": {"a team": examples.TEAM}}},
)
async def create(request: BoundedRequest, state: AppState, data: JSONBody[NewTeam]) -> Team:
    async with state.pool.connection() as connection, connection.transaction():
        team_id = await store.create_team(connection, request.user.user_id, data.name)
        return await store.find_team(connection, request.user, team_id)


@get(
    "/",
    operation_id="listTeams",
    summary="The teams that I belong to or am invited to",
    opt={"examples": {"200": {"one team": examples.TEAMS}}},
)
async def list_all(request: BoundedRequest, state: AppState) -> TeamList:
    async with state.pool.connection() as connection:
        return TeamList(await store.list_teams(connection, request.user))


@get(
    "/{team_id:uuid}",
    operation_id="getTeam",
    summary="One team",
    opt={"right": "team:view", "examples": {"200": {"a team": examples.TEAM}}},
)
async def read(request: BoundedRequest, state: AppState, team_id: FromPath[UUID]) -> Team:
    async with state.pool.connection() as connection:
        return await store.find_team(connection, request.user, team_id)


@patch(
    "/{team_id:uuid}",
    operation_id="renameTeam",
    summary="Rename a team",
    opt={
        "right": "team:lead",
        "errors": [NotAllowed],
        "examples": {"request": examples.NEW_NAME, "200": {"a team": examples.TEAM}},
    },
)
async def rename(request: BoundedRequest, state: AppState, team_id: FromPath[UUID], data: JSONBody[NewTeam]) -> Team:
    async with state.pool.connection() as connection:
        await store.rename(connection, request.user, team_id, data.name)
        return await store.find_team(connection, request.user, team_id)


@delete(
    "/{team_id:uuid}",
    operation_id="deleteTeam",
    summary="Delete a team; all its shares end",
    status_code=204,
    opt={"right": "team:lead", "errors": [NotAllowed]},
)
async def remove(request: BoundedRequest, state: AppState, team_id: FromPath[UUID]) -> None:
    async with state.pool.connection() as connection:
        await store.delete_team(connection, request.user, team_id)
    await notify.publish_rights(state.redis)


@post(
    "/{team_id:uuid}/join",
    operation_id="joinTeam",
    summary="Accept an invitation",
    status_code=200,
    opt={"right": "team:join"},
)
async def join(request: BoundedRequest, state: AppState, team_id: FromPath[UUID]) -> Team:
    """From now on I see all that is shared with the team, older shares included. Repeating it does no harm."""
    async with state.pool.connection() as connection:
        await store.join(connection, request.user, team_id)
        return await store.find_team(connection, request.user, team_id)


@get(
    "/{team_id:uuid}/members",
    operation_id="listMembers",
    summary="The members of a team",
    opt={"right": "team:members", "examples": {"200": {"two members and an invitation": examples.MEMBERS}}},
)
async def members(request: BoundedRequest, state: AppState, team_id: FromPath[UUID]) -> MemberList:
    caller = request.user
    async with state.pool.connection() as connection:
        team = await store.find_team(connection, caller, team_id)
        if team.role is None and not caller.is_admin:
            raise NotFound
        is_lead = team.role == "lead" or caller.is_admin
        invitations = await store.list_invitations(connection, team_id) if is_lead else []
        return MemberList(await store.list_members(connection, team_id), invitations)


@post(
    "/{team_id:uuid}/members",
    operation_id="inviteMember",
    summary="Invite a person to a team",
    status_code=204,
    opt={"right": "team:lead", "errors": [NotAllowed, LimitReached], "examples": {"request": examples.INVITATIONS}},
)
async def invite(
    request: BoundedRequest, state: AppState, team_id: FromPath[UUID], data: JSONBody[NewInvitation]
) -> None:
    """The person finds the invitation in their list of teams, and sees nothing that is shared until they accept it.

    The answer is the same whether there is such an account or not. Inviting again replaces the role.
    """
    login_name = checked_login_name(data.username, data.email)
    async with state.pool.connection() as connection:
        await store.invite(connection, request.user, team_id, login_name, data.role)


@delete(
    "/{team_id:uuid}/invitations/{invitation_id:uuid}",
    operation_id="withdrawInvitation",
    summary="Withdraw an invitation",
    status_code=204,
    opt={"right": "team:lead", "errors": [NotAllowed]},
)
async def withdraw(
    request: BoundedRequest, state: AppState, team_id: FromPath[UUID], invitation_id: FromPath[UUID]
) -> None:
    async with state.pool.connection() as connection:
        await store.withdraw(connection, request.user, team_id, invitation_id)


@patch(
    "/{team_id:uuid}/members/{user_id:int}",
    operation_id="setRole",
    summary="Make a member a lead, or a lead a member",
    status_code=204,
    opt={"right": "team:lead", "errors": [NotAllowed, LastLead], "examples": {"request": examples.NEW_ROLE}},
)
async def set_role(
    request: BoundedRequest, state: AppState, team_id: FromPath[UUID], member_id: MemberId, data: JSONBody[NewRole]
) -> None:
    """The last lead of a team cannot become a member."""
    async with state.pool.connection() as connection:
        await store.set_role(connection, request.user, team_id, member_id, data.role)


@delete(
    "/{team_id:uuid}/members/{user_id:int}",
    operation_id="removeMember",
    summary="Remove a member, leave a team, or decline an invitation",
    status_code=204,
    opt={"right": "team:leave", "errors": [NotAllowed, LastLead]},
)
async def remove_member(request: BoundedRequest, state: AppState, team_id: FromPath[UUID], member_id: MemberId) -> None:
    """Leads can remove any member. Everybody else can only leave, with their own `user_id`. The last lead cannot leave.

    The member loses access at once to what others share with the team, and their own shares with it end.
    """
    async with state.pool.connection() as connection:
        await store.remove_member(connection, request.user, team_id, member_id)
    await notify.publish_rights(state.redis)


routes = Router(
    "/api/v1/teams",
    route_handlers=[
        create, list_all, read, rename, remove, join, members, invite, withdraw, set_role, remove_member,
    ],
    opt={"policy": "user"},
    tags=["Teams"],
)  # fmt: skip
