"""Rollups of live sessions on editions without continuous aggregates: stored by a job; the work is in `sql/rollups/`."""
