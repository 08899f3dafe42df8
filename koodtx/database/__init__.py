"""The database: pool, queries, edition, migration. Imports no room."""
