"""Schedules in the database: tasks that are started regularly, each run once, however many schedulers there are."""
