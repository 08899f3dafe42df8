"""Planted bugs: mistakes that rollups invite, each a small change of the real SQL. The histories must find them all."""

from tests.sync.histories.bugs import Edit

_READINGS = "sql/rollups/archive_readings.sql"
_DAYS = "sql/rollups/archive_days.sql"
_ROLLUPS = "sql/rollups/partials_between.sql"
_PARTIALS = "sql/rollups/rollup_partials.sql"
_DAY = "sql/rollups/day_partials.sql"

BUGS: dict[str, Edit] = {
    "no ranges": Edit(_READINGS, "    perform app.archive_days(_session.id);\n", ""),
    "half of the last day": Edit(
        _DAYS, "max(days.bucket) + interval '24 hours'", "max(days.bucket) + interval '1 hour'"
    ),
    "all days in one range": Edit(_DAYS, "group by days.sensor_type_id, days.run", "group by days.sensor_type_id"),
    "archived days take readings": Edit("sql/sync/open_push.sql", "and p.until_at > batch.from_at", "and false"),
    "deviations added up": Edit(
        _DAY,
        "analytics.merged_moments(h.x_moments)",
        "case when count(h.x_moments) > 0 then"
        " array[sum(h.x_moments[1]), sum(h.x_moments[2]), sum(h.x_moments[3])] end",
    ),
    "sums of squares": Edit(
        _DAY,
        "analytics.merged_moments(h.x_moments)",
        "case when count(h.x_moments) > 0 then array[sum(h.x_moments[1]), sum(h.x_moments[2]), sum(h.x_moments[3]"
        " + h.x_moments[2] ^ 2 / h.x_moments[1]) - sum(h.x_moments[2]) ^ 2 / sum(h.x_moments[1])] end",
    ),
    "deviations of archived hours added up": Edit(
        _ROLLUPS,
        "nullif(analytics.merged_moments(b.x), '{0,0,0}')",
        "case when sum(b.x[1]) > 0 then array[sum(b.x[1]), sum(b.x[2]), sum(b.x[3])] end",
    ),
    "one axis archived as another": Edit(_ROLLUPS, "analytics.moments(d.y) as y", "analytics.moments(d.x) as y"),
    "zero where nothing was measured": Edit(
        _ROLLUPS, "nullif(analytics.merged_moments(b.z), '{0,0,0}')", "analytics.merged_moments(b.z)"
    ),
    "unknown speeds": Edit("sql/recordings/stored_readings.sql", "case when d.speed >= 0 then d.speed end", "d.speed"),
    "deleted sessions shown": Edit(_PARTIALS, "and s.deleted_at is null", ""),
    "distances not archived": Edit(_READINGS, "    perform app.archive_distance(_session.id);\n", ""),
    "sketches not archived": Edit(
        _READINGS,
        "    perform app.archive_sketches(_session.id, _session.first_reading_at, _session.last_reading_at);\n",
        "",
    ),
    "sketches of days instead of hours": Edit(
        "sql/rollups/archive_sketches.sql",
        "app.bucket_starts(60, _from, _to)",
        "app.bucket_starts(1440, _from, _to)",
    ),
    "minus forgotten in sketches": Edit("sql/statistics/sketch_bucket.sql", "then -40000 - ceil", "then 40000 + ceil"),
    "epochs out of place": Edit(
        "sql/activity/archive_epochs.sql",
        "array_agg(e.readings::integer order by slot.at)",
        "array_agg(e.readings::integer order by slot.at desc)",
    ),
    "joined over archived days": Edit(
        "sql/distance/stored_tracks.sql",
        "select r.from_at, r.until_at from app.archived_ranges as r\n            where",
        "select r.from_at, r.until_at from app.archived_ranges as r\n            where false and",
    ),
    "invalid coordinates": Edit(
        "sql/distance/stored_fixes.sql", "and (a.accuracy >= 0 or a.accuracy is null)", "and true"
    ),
    "quota not given back": Edit(
        _READINGS, "app.next_change(_session.user_id, -readings)", "app.next_change(_session.user_id, 0)"
    ),
    "days of the server's zone": Edit(
        "sql/statistics/bucket_start.sql", "timestamptz '2000-01-03 00:00Z'", "timestamptz '2000-01-03 00:00+09'"
    ),
}

_PUSH = "sql/sync/finish_push.sql"
_STORE = "sql/rollups/store_partials.sql"

# Shows only where a job stores partials, not continuous aggregates.
PORTABLE_BUGS: dict[str, Edit] = {
    "stored hours outlive a push": Edit(
        _PUSH, "stored_hours = s.stored_hours - _hours", "stored_hours = s.stored_hours"
    ),
    "stored partials outlive a push": Edit(_PUSH, "if _session.stored_hours && _hours", "if false"),
    "a push changes the hour of its first reading only": Edit(
        "sql/recordings/hours_around.sql", "date_trunc('hour', c.to_at, 'UTC')", "date_trunc('hour', c.from_at, 'UTC')"
    ),
    "a push changes the hours of its first sensor only": Edit(
        _PUSH, "app.hours_around(_from, _to)", "app.hours_around(_from[:1], _to[:1])"
    ),
    "the last minute of stored hours is left out": Edit(
        _STORE, "_from, _until, array", "_from, _until - interval '1 minute', array"
    ),
}

# Shows only where a continuous aggregate has rows that are no longer among the readings.
COMMUNITY_BUGS: dict[str, Edit] = {
    "stored rows of archived days": Edit(_PARTIALS, "where not exists (", "where stored.count > 0 or not exists ("),
}
