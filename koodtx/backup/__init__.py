"""`koodtx backup` and `koodtx restore`: one dump in pg_dump's custom format, and back, completely or not at all."""
