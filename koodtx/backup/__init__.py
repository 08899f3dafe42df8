"""`koodtx backup` and `koodtx restore`: one file of pg_dump's custom format, and back, whole or not at all."""
