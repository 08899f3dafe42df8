"""Sizes of the benchmarks."""

from msgspec import Struct


class Sizes(Struct, frozen=True):
    rounds: int = 20
    push_readings: int = 10_000
    phones: int = 64
    phone_readings: int = 1_000
    phone_pushes: int = 3
    pulled_readings: int = 300_000
    pulls: int = 5
    analysed_readings: int = 1_000_000
    analyses: int = 5
    sockets: int = 1_000
    socket_jobs: int = 100
    socket_s: int = 20
    stored_readings: int = 3_000_000
    users_readings: int = 1_000_000
    others_readings: int = 2_000_000
    grown_readings: int = 5_000_000
    grown_sessions: int = 10_000
    requests: int = 10_000
    maximal_readings: int = 50_000
    exported_readings: int = 1_000_000
    exports: int = 3
    shared_reads: int = 200
    recommended_users: int = 100_000


SMALL = Sizes(
    rounds=1,
    push_readings=300,
    phones=3,
    phone_readings=30,
    phone_pushes=2,
    pulled_readings=3_000,
    pulls=1,
    analysed_readings=3_000,
    analyses=1,
    sockets=10,
    socket_jobs=2,
    socket_s=2,
    stored_readings=9_000,
    users_readings=9_000,
    others_readings=9_000,
    grown_readings=3_000,
    grown_sessions=30,
    requests=30,
    maximal_readings=1_000,
    exported_readings=3_000,
    exports=1,
    shared_reads=3,
    recommended_users=30,
)
