"""Rollups of live sessions, stored by a job on editions without continuous aggregates."""
