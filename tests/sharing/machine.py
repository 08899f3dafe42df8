"""What may happen to teams and shares, in any order."""

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.sharing.harness import KINDS, USERS, Harness

_users = st.sampled_from(USERS)
_slots = st.sampled_from([0, 1])
_roles = st.sampled_from(["member", "lead"])
_kinds = st.sampled_from(KINDS)
_actions = st.sampled_from([frozenset({"view"}), frozenset({"download"}), frozenset({"view", "download"})])
_hours = st.sampled_from([None, 1, 2, 6])


class Histories(RuleBasedStateMachine):
    """One history. After each step all rights are compared."""

    harness: ClassVar[Harness]

    @initialize()
    def begin(self) -> None:
        """User 0 leads the first team, and user 1 is in it and has synced: little happens in an empty world."""
        self.harness.begin_history()
        self.harness.create_team(0, 0)
        self.harness.invite(0, 0, 1, "member")
        self.harness.join(1, 0)
        for kind in KINDS:
            self.harness.share(0, kind, 0, frozenset({"view", "download"}), None)
        self.harness.sync(1, 1)

    @rule(user=_users, slot=_slots)
    def create_team(self, user: int, slot: int) -> None:
        self.harness.create_team(user, slot)

    @rule(user=_users, slot=_slots, other=_users, role=_roles)
    def invite(self, user: int, slot: int, other: int, role: str) -> None:
        if self._has(slot):
            self.harness.invite(user, slot, other, role)

    @rule(user=_users, slot=_slots, role=_roles)
    def invite_and_join(self, user: int, slot: int, role: str) -> None:
        """Of a lead, so that it often comes about."""
        if self._has(slot):
            self.harness.invite(min(self.harness.model.teams[slot].leads()), slot, user, role)
            self.harness.join(user, slot)

    @rule(user=_users, slot=_slots)
    def join(self, user: int, slot: int) -> None:
        if self._has(slot):
            self.harness.join(user, slot)

    @rule(user=_users, slot=_slots, other=_users)
    def remove(self, user: int, slot: int, other: int) -> None:
        if self._has(slot):
            self.harness.remove(user, slot, other)

    @rule(user=_users, slot=_slots)
    def leave(self, user: int, slot: int) -> None:
        if self._has(slot):
            self.harness.remove(user, slot, user)

    @rule(user=_users, slot=_slots, other=_users, role=_roles)
    def set_role(self, user: int, slot: int, other: int, role: str) -> None:
        if self._has(slot):
            self.harness.set_role(user, slot, other, role)

    @rule(user=_users, slot=_slots, happens=st.integers(0, 2))
    def delete_team(self, user: int, slot: int, happens: int) -> None:
        if self._has(slot) and happens == 0:
            self.harness.delete_team(user, slot)

    @rule(user=_users, kind=_kinds, slot=_slots, actions=_actions, hours=_hours)
    def share(self, user: int, kind: str, slot: int, actions: frozenset[str], hours: int | None) -> None:
        """Again with the same team, it is changed."""
        if self._has(slot):
            self.harness.share(user, kind, slot, actions, hours)

    @rule(kind=_kinds, slot=_slots, actions=_actions, hours=_hours)
    def share_as_lead(self, kind: str, slot: int, actions: frozenset[str], hours: int | None) -> None:
        if self._has(slot):
            self.harness.share(min(self.harness.model.teams[slot].leads()), kind, slot, actions, hours)

    @rule(user=_users, owner=_users, slot=_slots)
    def unshare(self, user: int, owner: int, slot: int) -> None:
        if self._has(slot):
            self.harness.unshare(user, owner, slot)

    @rule(user=_users)
    def revoke_all(self, user: int) -> None:
        self.harness.revoke_all(user)

    @rule(user=_users, kind=_kinds)
    def delete_thing(self, user: int, kind: str) -> None:
        self.harness.delete_thing(user, kind)

    @rule(hours=st.sampled_from([1, 3]))
    def pass_time(self, hours: int) -> None:
        self.harness.pass_time(hours)

    @rule(user=_users, limit=st.sampled_from([1, 2, 100]))
    def sync(self, user: int, limit: int) -> None:
        self.harness.sync(user, limit)

    @rule(limit=st.sampled_from([1, 100]))
    def everybody_syncs(self, limit: int) -> None:
        for user in USERS:
            self.harness.sync(user, limit)

    @invariant()
    def rights_are_those_of_the_model(self) -> None:
        if hasattr(self.harness, "model"):
            self.harness.check()

    def teardown(self) -> None:
        if self.harness.failure is None and hasattr(self.harness, "model"):
            for user in USERS:
                self.harness.sync(user, 1)

    def _has(self, slot: int) -> bool:
        return slot in self.harness.model.teams


def machine_of(harness: Harness) -> Any:
    return type("Machine", (Histories,), {"harness": harness})
