-- PostgreSQL computes window functions in one process only, unless they are inside a function that is declared parallel
-- safe and cannot be inlined: then the sensors of a long recording are counted in parallel. The cost, that of a million
-- readings, makes the planner start a process for each.
create or replace function analytics.parallel_intervals(
    _recording bigint, _sensor_type_id integer, _gap_s double precision, _from timestamptz default null,
    _to timestamptz default null
)
returns table (sensor_type_id integer, even double precision[], gap_count bigint, max_gap_s double precision)
language plpgsql
stable
parallel safe
cost 20000000
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute 'select i.* from analytics.sensor_intervals($1, $2, $3, $4, $5) as i'
    using _recording, _sensor_type_id, _gap_s, _from, _to;
end
$$;

comment on function analytics.parallel_intervals(bigint, integer, double precision, timestamptz, timestamptz) is
'sensor_intervals() for long recordings: in a query that joins several sensors by union all, they are counted in '
'parallel. For short recordings, starting the processes takes longer than counting.';
