"""Accounts: users, their devices and logins, and which routes they may call."""
