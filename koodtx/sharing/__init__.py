"""Shares of results and sessions with teams: share, revoke, what is shared with me, who used it."""
