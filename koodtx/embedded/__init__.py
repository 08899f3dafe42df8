"""A private PostgreSQL and Redis, without Docker and without root: for a trial on a laptop, and for the tests.

`find_postgres` and `find_redis` (binaries.py) choose the programs, `PrivatePostgres` and `PrivateRedis` run one
server each, `run_up` (up.py) is `koodtx up` and `run_doctor` (doctor.py) is `koodtx doctor`.
"""


class EmbeddedError(Exception):
    """A private server cannot be had or run. The message is for people and tells how to mend it."""


class UnavailableError(EmbeddedError):
    """One kind of PostgreSQL or Redis cannot be had on this machine; another may serve."""
