"""Live updates of jobs and sessions: WebSocket and server-sent events.

Redis publishes changes of jobs (jobs.notify), the database is read again every few seconds. Any process serves any
client.
"""
