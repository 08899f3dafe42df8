-- The sessions that a user may read, those that began last first, after a place by start and number (keyset), whether
-- the session of that place is still there or not; or the one named. With _share_id that of a share instead of the
-- user's own, for the action view or download.
create or replace function app.list_sessions(
    _user_id bigint, _session_id text, _before_at timestamptz, _before_id bigint, _limit integer,
    _share_id uuid default null, _action text default 'view'
)
returns table (
    id bigint, session_id text, start_time timestamptz, end_time timestamptz, is_active boolean,
    enabled_sensors jsonb, units jsonb, device_id text, device jsonb, sample_rate double precision, data_count bigint,
    notes text, is_uploaded boolean, created_at timestamptz, updated_at timestamptz, first_reading_at timestamptz,
    last_reading_at timestamptz, archived_at timestamptz, archived_count bigint, closed_by_server_at timestamptz,
    labels jsonb
)
language sql
stable
begin atomic
    select
        s.id, s.session_id, s.start_time, s.end_time, s.end_time is null, s.enabled_sensors, s.units,
        d.device_id, s.device, s.sample_rate, s.data_count, s.notes, s.is_uploaded, s.created_at, s.updated_at,
        s.first_reading_at, s.last_reading_at, s.archived_at, s.archived_count, s.closed_by_server_at,
        s.labels
    from app.readable_sessions(_user_id, _share_id, _action) as s
    left join app.devices as d on d.id = s.device_key
    where (_session_id is null or s.session_id = _session_id)
        and (_before_at is null or (s.start_time, s.id) < (_before_at, _before_id))
    order by s.start_time desc, s.id desc
    limit _limit;
end;
