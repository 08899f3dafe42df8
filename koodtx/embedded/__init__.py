"""A private PostgreSQL and Redis, without Docker and without root: for a trial on a laptop, and for the tests.

`find_postgres` and `find_redis` (choose.py) choose the programs, `PrivatePostgres` and `PrivateRedis` run one server
each, and `run_up` (up.py) is `koodtx up`.
"""
