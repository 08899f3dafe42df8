"""Watching a job: WebSocket and server-sent events.

Redis tells of changes (jobs.bell), the database is asked every five seconds; any process serves any client.
"""
