"""Planted bugs: mistakes that sharing invites, as small changes of the real SQL. The histories must find them all."""

from tests.sync.histories.bugs import Edit

_USABLE = "sql/rights/usable_shares.sql"
_PUT = "sql/sharing/put_share.sql"
_REMOVE = "sql/sharing/remove_member.sql"
_CHANGES = "sql/sharing/share_changes.sql"
_DELETE = "sql/sessions/delete_session.sql"

BUGS: dict[str, Edit] = {
    "shares do not expire": Edit(_USABLE, "and (h.expires_at is null or h.expires_at > app.now())", ""),
    "ended shares are usable": Edit(_USABLE, "and h.ended_at is null and (h", "and (h"),
    "who views may download": Edit(_USABLE, "when 'download' then h.can_download", "when 'download' then h.can_view"),
    "members may share": Edit(_PUT, "if _role is distinct from 'lead' then", "if _role is null then"),
    "changes of the time are ignored": Edit(
        _PUT,
        "if (_old.can_view, _old.can_download, _old.expires_at)\n"
        "            is not distinct from (_can_view, _can_download, _expires_at) then",
        "if (_old.can_view, _old.can_download) is not distinct from (_can_view, _can_download) then",
    ),
    "members do not learn of a share": Edit(_PUT, "having count(m.user_id) > 0;", "having false;"),
    "members do not learn of its end": Edit(
        "sql/sharing/end_shares.sql", "perform app.note_shares(_users, _shares, _also);", ""
    ),
    "who joins gains what comes later only": Edit(
        "sql/sharing/join_team.sql", "having count(h.share_id) > 0;", "having false;"
    ),
    "who leaves loses nothing": Edit(_REMOVE, "if cardinality(_lost) > 0 then", "if false then"),
    "who leaves goes on sharing": Edit(_REMOVE, "and h.owner_id = _member_id and", "and false and"),
    "the last lead may leave": Edit(_REMOVE, "elsif _role = 'lead' and not exists (", "elsif false and not exists ("),
    "the last lead may stop leading": Edit(
        "sql/sharing/set_member_role.sql", "if _role <> 'lead' and not exists (", "if false and not exists ("
    ),
    "members may end shares": Edit("sql/sharing/revocable_shares.sql", "and m.role = 'lead'", ""),
    "expiry is ignored by deltas": Edit(
        _CHANGES, "and h.expires_at > least(_since", "and false and h.expires_at > least(_since"
    ),
    "pages in the order of time": Edit(_CHANGES, "order by h.share_id", "order by h.created_at"),
    "changes count from the page before": Edit(_CHANGES, "c.change_no > _base", "c.change_no > _base + 1"),
    "deleted sessions are not lost": Edit(_DELETE, "h.recording_id = _session.id", "false"),
    "deleted teams lose nothing": Edit(
        "sql/sharing/delete_team.sql", "where h.team_id = _team_id and h.ended_at is null", "where false"
    ),
}
