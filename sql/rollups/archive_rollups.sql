-- Writes the rollups of a recording's stored readings between two times, both included, to app.archived_rollups;
-- returns how many rows.
create or replace function app.archive_rollups(_recording_id bigint, _from timestamptz, _to timestamptz)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
as $$
declare
    _row_count bigint;
begin
    insert into app.archived_rollups
    select p.* from app.partials_between(_recording_id, _from, _to + interval '1 microsecond', array[1, 60, 1440]) as p;
    get diagnostics _row_count = row_count;
    return _row_count;
end
$$;
