"""Logins with ID tokens of OpenID Connect: Google, and other issuers by settings."""
