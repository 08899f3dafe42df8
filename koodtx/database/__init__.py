"""The database: pool, calls, edition, migration. Knows no room."""
