"""Requests and answers of teams."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from koodtx.names import PRINTABLE, PrintableName

# Members and open invitations of a team; teams that one user has created.
MAX_MEMBERS = 500
MAX_TEAMS = 100

Role = Literal["lead", "member"]
TeamName = Annotated[PrintableName, Meta(examples=["Gait study"])]
LoginName = Annotated[str, Meta(min_length=1, max_length=254, pattern=PRINTABLE)]


class NewTeam(Struct):
    """A team to create, or its new name."""

    name: TeamName


class Team(Struct):
    """A team, as a member or an invited person sees it."""

    team_id: UUID
    name: TeamName
    role: Annotated[Role | None, Meta(description="My role in it; null: I am not a member.")]
    invited_as: Annotated[Role | None, Meta(description="My role if I accept the invitation; null: I am not invited.")]
    members: Annotated[int | None, Meta(description="How many, leads included; null before I have joined.")]
    leads: int | None
    created_at: datetime


class TeamList(Struct):
    """The teams that I belong to or am invited to, by name."""

    teams: list[Team]


class NewInvitation(Struct):
    """Whom to invite, by `username` or else by `email`."""

    username: Annotated[LoginName, Meta(examples=["joon"])] | None = None
    email: Annotated[LoginName, Meta(examples=["joon@example.org"])] | None = None
    role: Role = "member"


class NewRole(Struct):
    """The new role of a member."""

    role: Role


class Member(Struct):
    """A member of a team."""

    user_id: int
    username: str | None
    name: str | None
    role: Role
    joined_at: datetime


class Invitation(Struct):
    """An invitation that nobody has accepted. Whether there is such an account is not shown."""

    invitation_id: UUID
    invited: Annotated[str, Meta(description="The name or address as it was typed.", examples=["joon"])]
    role: Role
    created_at: datetime


class MemberList(Struct):
    """The members of a team, leads first; open invitations are shown to leads."""

    members: list[Member]
    invitations: list[Invitation]
