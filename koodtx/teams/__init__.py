"""Teams: create, invite, join, leave, roles. What is shared with them is in koodtx/sharing/."""
