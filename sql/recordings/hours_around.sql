-- The whole hours (UTC) around ranges of times, both ends of each included.
create or replace function app.hours_around(_from timestamptz[], _to timestamptz[])
returns tstzmultirange
language sql
stable
begin atomic
    select coalesce(
        range_agg(tstzrange(
            date_trunc('hour', c.from_at, 'UTC'), date_trunc('hour', c.to_at, 'UTC') + interval '1 hour'
        )), '{}'
    )
    from unnest(_from, _to) as c (from_at, to_at);
end;
