"""Planted bugs: mistakes that rollups invite, each a small change of the real SQL. The histories must find them all."""

from tests.sync.histories.bugs import Edit

_SEAL = "sql/rollups/archive_readings.sql"
_DAYS = "sql/rollups/archive_days.sql"
_MINUTE = "sql/rollups/sensor_minute.sql"
_DAY = "sql/rollups/sensor_day.sql"

BUGS: dict[str, Edit] = {
    "no spans": Edit(_SEAL, "    perform app.archive_days(_session.id);\n", ""),
    "half of the last day": Edit(
        _DAYS, "max(days.bucket) + interval '24 hours'", "max(days.bucket) + interval '1 hour'"
    ),
    "all days in one span": Edit(_DAYS, "group by days.sensor_type_id, days.run", "group by days.sensor_type_id"),
    "sealed days take readings": Edit("sql/sync/open_push.sql", "and p.until_at > batch.from_at", "and false"),
    "deviations added up": Edit(
        _DAY,
        "(analytics.merged_moments(array[l.x_count, l.x_sum, l.x_m2]) filter (where l.x_count > 0))[3]",
        "sum(l.x_m2)",
    ),
    "sums of squares": Edit(
        _DAY,
        "(analytics.merged_moments(array[l.x_count, l.x_sum, l.x_m2]) filter (where l.x_count > 0))[3]",
        "sum(l.x_m2 + l.x_sum * l.x_sum / nullif(l.x_count, 0)) - sum(l.x_sum) * sum(l.x_sum) / sum(l.x_count)",
    ),
    "unknown speeds": Edit("sql/recordings/stored_readings.sql", "case when d.speed >= 0 then d.speed end", "d.speed"),
    "deleted sessions shown": Edit(_MINUTE, "and s.deleted_at is null", ""),
    "quota not given back": Edit(
        _SEAL, "app.next_change(_session.user_id, -readings)", "app.next_change(_session.user_id, 0)"
    ),
    "days of the server's zone": Edit(
        "sql/rollups/session_partials.sql", "timestamptz '2000-01-03 00:00Z'", "timestamptz '2000-01-03 00:00+09'"
    ),
}

# Shows only where a continuous aggregate has rows that are no longer among the readings.
COMMUNITY_BUGS: dict[str, Edit] = {
    "live rows of sealed days": Edit(_MINUTE, "where not exists (", "where l.count > 0 or not exists ("),
}
