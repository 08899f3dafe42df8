"""Rollups of live sessions, which a job stores on editions without continuous aggregates; its work is in `sql/rollups/`."""
