"""Accounts: who somebody is, by which device, and what they may do."""
