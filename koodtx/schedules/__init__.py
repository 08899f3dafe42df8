"""Schedules in the database: jobs that are started by themselves, once each, whoever looks."""
