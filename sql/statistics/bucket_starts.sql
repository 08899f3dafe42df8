-- The beginnings of all buckets of a width between two times, both included, in order. In app, as analysts have
-- session_percentiles(), which calls it.
create or replace function app.bucket_starts(_bucket_minutes integer, _from timestamptz, _to timestamptz)
returns timestamptz[]
language sql
immutable
parallel safe
begin atomic
    select array_agg(b.at order by b.at)
    from generate_series(
        analytics.bucket_start(_bucket_minutes, _from), _to, make_interval(mins => _bucket_minutes)
    ) as b (at);
end;
