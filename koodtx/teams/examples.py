"""Examples of the OpenAPI document."""

TEAM_ID = "6f6b1a3e-2c50-4a19-9f0a-7a3c5c1d9e42"

NEW_TEAM = {"a study": {"name": "Gait study"}}
NEW_NAME = {"another name": {"name": "Gait study 2026"}}
INVITATIONS = {
    "by user name": {"username": "joon"},
    "by e-mail address, as a lead": {"email": "joon@example.org", "role": "lead"},
}
NEW_ROLE = {"a lead": {"role": "lead"}}
TEAM = {
    "team_id": TEAM_ID,
    "name": "Gait study",
    "role": "lead",
    "invited_as": None,
    "members": 2,
    "leads": 1,
    "created_at": "2026-03-02T09:00:00Z",
}
TEAMS = {"teams": [TEAM]}
MEMBERS = {
    "members": [
        {"user_id": 17, "username": "mina", "name": "Mina Kim", "role": "lead", "joined_at": "2026-03-02T09:00:00Z"},
        {"user_id": 18, "username": "joon", "name": None, "role": "member", "joined_at": "2026-03-02T10:00:00Z"},
    ],
    "invitations": [
        {
            "invitation_id": "2c1c4a0e-8f0e-4b8d-9b52-0c5a3f2f6d10",
            "invited": "sora@example.org",
            "role": "member",
            "created_at": "2026-03-02T11:00:00Z",
        }
    ],
}
