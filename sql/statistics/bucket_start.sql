-- The one place that says where buckets begin. Any midnight in UTC as the origin gives the same minutes, hours and
-- days; this one, a Monday, is that of TimescaleDB's time_bucket(), so that weeks would agree with it too.
create or replace function analytics.bucket_start(_bucket_minutes integer, _at timestamptz)
returns timestamptz
language sql
immutable
parallel safe
begin atomic
    select date_bin(make_interval(mins => _bucket_minutes), _at, timestamptz '2000-01-03 00:00Z');
end;

comment on function analytics.bucket_start(integer, timestamptz) is
'Returns the start of the bucket of so many minutes that contains a time: 1 for minutes, 60 for hours, 1440 for '
'days, all in UTC.';
