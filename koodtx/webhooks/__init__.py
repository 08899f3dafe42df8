"""Webhooks: signatures after Standard Webhooks, and messages to URLs that users have registered."""
