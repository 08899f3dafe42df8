-- A page of the user's sessions that changed after _base (a change_no) and _since, tombstones among them.
-- By internal id, never by change_no: paging by change_no lost pushes in 2,000 of 2,000 random histories.
-- total: how many changed in all, before _from_id and _offset.
create or replace function app.pull_sessions(
    _user_id bigint, _base bigint, _since timestamptz, _session_ids text[],
    _from_id bigint, _offset bigint, _limit integer
)
returns table (
    id bigint, session_id text, start_time timestamptz, end_time timestamptz, is_active boolean,
    enabled_sensors jsonb, units jsonb, device_id text, device jsonb, sample_rate double precision, data_count bigint,
    notes text, is_uploaded boolean, created_at timestamptz, updated_at timestamptz, archived_at timestamptz,
    archived_count bigint, closed_by_server_at timestamptz, labels jsonb, is_deleted boolean, total bigint
)
language sql
stable
begin atomic
    -- Materialized, so that the few that changed are found by their index and only then put in order.
    with changed as materialized (
        select s.*
        from app.recording_sessions as s
        where s.user_id = _user_id and s.change_no > _base and s.updated_at > _since
            and (_session_ids is null or s.session_id = any(_session_ids))
    )
    select
        changed.id, changed.session_id, changed.start_time, changed.end_time, changed.end_time is null,
        changed.enabled_sensors, changed.units, d.device_id, changed.device, changed.sample_rate,
        changed.data_count, changed.notes, changed.is_uploaded, changed.created_at, changed.updated_at,
        changed.archived_at, changed.archived_count, changed.closed_by_server_at, changed.labels,
        changed.deleted_at is not null,
        (select count(all_changed.id) from changed as all_changed)
    from changed
    left join app.devices as d on d.id = changed.device_key
    where changed.id >= _from_id
    order by changed.id
    limit _limit offset _offset;
end;
