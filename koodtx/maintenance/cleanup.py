"""What goes, and how: batch by batch, each a transaction with its count in the run log."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from psycopg.errors import LockNotAvailable

from koodtx.maintenance import store
from koodtx.maintenance.messages import Run
from koodtx.maintenance.run import Details, Work
from koodtx.maintenance.store import Freed, Session
from koodtx.storage import store as storage
from koodtx.webhooks import store as webhooks

_PAGE = 1000
_DELIVERIES = 1000
_FILES = 1000
_LOGS = 10_000
# A session is archived in one transaction: the longest statement there is.
_ARCHIVE_LIMIT = timedelta(minutes=10)


async def archive_old(work: Work) -> Details:
    """Readings of old sessions that have ended and were uploaded; their metadata and rollups stay."""
    return await _archive(work, is_any=False)


async def archive_any(work: Work) -> Details:
    """Readings of sessions beyond the ceiling, whatever their state."""
    return await _archive(work, is_any=True)


async def _archive(work: Work, *, is_any: bool) -> Details:
    connection, run, cutoff = work.connection, work.run, _cutoff(work.run)
    sessions, readings = await store.count_archivable(connection, cutoff, is_any=is_any)
    size = await store.bytes_per_reading(connection)
    if run.is_dry_run:
        await store.advance_run(connection, run, Freed(readings, int(readings * size)), sessions=sessions)
        return {}
    await store.limit_statements(connection, _ARCHIVE_LIMIT)
    done = 0
    async for session in _archivable(work, cutoff, is_any=is_any):
        async with connection.transaction():
            deleted = await store.archive_session(connection, session.id, cutoff)
            # Rounded so that the sum equals that of a dry run.
            freed = Freed(deleted, int((done + deleted) * size) - int(done * size))
            await store.advance_run(connection, run, freed, sessions=int(deleted > 0), after=session.id)
        done += deleted
        await work.report(done, readings, f"{done:,} of {readings:,} readings")
    return await _drop_empty_chunks(work, cutoff)


async def _archivable(work: Work, cutoff: datetime, *, is_any: bool) -> AsyncIterator[Session]:
    after = work.run.resume_after
    while page := await store.list_archivable(work.connection, cutoff, is_any=is_any, after=after, limit=_PAGE):
        for session in page:
            yield session
        after = page[-1].id


async def _drop_empty_chunks(work: Work, cutoff: datetime) -> Details:
    """Their disk is given back. With writers in the way for a second, the rest is left to the next run."""
    details: Details = {"chunks_dropped": 0, "chunk_bytes": 0}
    try:
        while (size := await store.drop_empty_chunk(work.connection, cutoff)) is not None:
            details["chunks_dropped"] += 1
            details["chunk_bytes"] += size
            await work.report(99, 100, f"{details['chunks_dropped']} empty chunks dropped")
    except LockNotAvailable:
        details["chunks_busy"] = True
    return details


async def delete_logs(work: Work) -> Details:
    """Old rows of the sync log: whole chunks first, what is left of the rest row by row."""
    connection, run, cutoff = work.connection, work.run, _cutoff(work.run)
    old = await store.count_old_sync_logs(connection, cutoff)
    if run.is_dry_run:
        await store.advance_run(connection, run, old)
        return {}
    chunks = 0
    done = 0
    while freed := await _drop_log_chunk(work, cutoff):
        chunks, done = chunks + 1, done + freed.row_count
        await work.report(done, old.row_count, f"{done:,} of {old.row_count:,} log rows")
    while freed := await _delete_logs(work, cutoff):
        done += freed.row_count
        await work.report(done, old.row_count, f"{done:,} of {old.row_count:,} log rows")
    return {"chunks_dropped": chunks}


async def _drop_log_chunk(work: Work, cutoff: datetime) -> Freed | None:
    """None: there is no whole chunk, or somebody reads in it; its rows are then deleted one by one."""
    try:
        async with work.connection.transaction():
            if freed := await store.drop_log_chunk(work.connection, cutoff):
                await store.advance_run(work.connection, work.run, freed)
            return freed
    except LockNotAvailable:
        return None


async def _delete_logs(work: Work, cutoff: datetime) -> Freed | None:
    async with work.connection.transaction():
        freed = await store.delete_sync_logs(work.connection, cutoff, _LOGS)
        await store.advance_run(work.connection, work.run, freed)
    return freed if freed.row_count else None


async def close_abandoned(work: Work) -> Details:
    """Sessions that nobody has ended or pushed to."""
    connection, run, cutoff = work.connection, work.run, _cutoff(work.run)
    total = await store.count_abandoned(connection, cutoff)
    if run.is_dry_run:
        await store.advance_run(connection, run, Freed(0, 0), sessions=total)
        return {}
    done, after = 0, run.resume_after
    while page := await store.list_abandoned(connection, cutoff, after=after, limit=_PAGE):
        for session in page:
            async with connection.transaction():
                is_closed = await store.close_session(connection, session, cutoff)
                await store.advance_run(connection, run, Freed(0, 0), sessions=int(is_closed), after=session)
            done += 1
            await work.report(done, total, f"{done:,} of {total:,} sessions")
        after = page[-1]
    return {}


async def delete_files(work: Work) -> Details:
    """Old exports and uploads: first the file, then what the database knows of it, so that none is forgotten."""
    connection, run, cutoff = work.connection, work.run, _cutoff(work.run)
    total = await storage.count_expired(connection, cutoff)
    if run.is_dry_run:
        await store.advance_run(connection, run, Freed(total.row_count, total.byte_count))
        return {}
    done = 0
    while page := await storage.list_expired(connection, cutoff, _FILES):
        for file in page:
            await work.objects.delete(file.key)
            async with connection.transaction():
                is_ours = await storage.forget_object(connection, file.key)
                await store.advance_run(connection, run, Freed(int(is_ours), file.byte_count if is_ours else 0))
            done += 1
            await work.report(done, total.row_count, f"{done:,} of {total.row_count:,} files")
    return {}


async def delete_deliveries(work: Work) -> Details:
    """Old messages to webhooks; those that are still to be sent stay."""
    connection, run, cutoff = work.connection, work.run, _cutoff(work.run)
    total = await webhooks.count_old(connection, cutoff)
    if run.is_dry_run:
        await store.advance_run(connection, run, Freed(total.row_count, total.byte_count))
        return {}
    done = 0
    while freed := await _delete_deliveries(work, cutoff):
        done += freed.row_count
        await work.report(done, total.row_count, f"{done:,} of {total.row_count:,} deliveries")
    return {}


async def _delete_deliveries(work: Work, cutoff: datetime) -> Freed | None:
    async with work.connection.transaction():
        deleted = await webhooks.delete_old(work.connection, cutoff, _DELIVERIES)
        freed = Freed(deleted.row_count, deleted.byte_count)
        await store.advance_run(work.connection, work.run, freed)
    return freed if freed.row_count else None


def _cutoff(run: Run) -> datetime:
    assert run.cutoff_at is not None
    return run.cutoff_at
