"""What sharing must be, in plain Python: teams, shares and the time."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Thing(NamedTuple):
    """A job or a session of one user; `number` rises when it was deleted and another one takes its place."""

    owner: int
    kind: str
    number: int


@dataclass
class Share:
    """What a team may do with a thing, until an hour of the model's clock."""

    share_id: str
    actions: frozenset[str]
    expires: float | None


@dataclass
class Team:
    """Roles of members and of who is invited, and shares by thing."""

    team_id: str
    members: dict[int, str]
    invited: dict[int, str] = field(default_factory=dict)
    shares: dict[Thing, Share] = field(default_factory=dict)

    def leads(self) -> set[int]:
        return {user for user, role in self.members.items() if role == "lead"}

    def may_lead(self, user: int) -> int:
        """The status of what only leads may do, 204 if it is done."""
        return 204 if user in self.leads() else 403 if user in self.members else 404


class Model:
    """Three users, at most two teams."""

    def __init__(self) -> None:
        self.teams: dict[int, Team] = {}
        self.hour = 0.0

    def role_status(self, slot: int, user: int, member: int, role: str) -> int:
        """Changes a role; the status."""
        team = self.teams[slot]
        if (status := team.may_lead(user)) != 204:
            return status
        if role == "member" and team.leads() == {member}:
            return 409
        if member not in team.members:
            return 404
        team.members[member] = role
        return 204

    def remove_status(self, slot: int, user: int, member: int) -> int:
        """Takes a member out; the status."""
        team = self.teams[slot]
        is_declined = user == member and team.invited.get(user) is not None
        if user != member and (status := team.may_lead(user)) != 204:
            return status
        if member in team.members and team.leads() == {member}:
            return 409  # and nothing is declined
        if user == member:
            team.invited.pop(user, None)
        if member not in team.members:
            return 204 if is_declined else 404
        del team.members[member]
        team.shares = {thing: share for thing, share in team.shares.items() if thing.owner != member}
        return 204

    def is_live(self, share: Share) -> bool:
        return share.expires is None or self.hour < share.expires

    def actions(self, user: int, thing: Thing) -> set[str]:
        """What the user may do with the thing."""
        if user == thing.owner:
            return {"view", "download"}
        shares = [team.shares[thing] for team in self.teams.values() if user in team.members and thing in team.shares]
        return {action for share in shares if self.is_live(share) for action in share.actions}

    def shared_with(self, user: int) -> dict[str, frozenset[str]]:
        """The shares that the user has of others, and what they allow."""
        return {
            share.share_id: share.actions
            for team in self.teams.values()
            if user in team.members
            for thing, share in team.shares.items()
            if thing.owner != user and self.is_live(share)
        }

    def forget(self, thing: Thing) -> None:
        for team in self.teams.values():
            team.shares.pop(thing, None)
