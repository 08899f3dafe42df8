-- Writes intensities and steps of readings that are about to be deleted to app.archived_epochs, a row per minute. Of
-- what is an accelerometer by its declared unit or by its name: others have no acceleration to keep.
create or replace function app.archive_epochs(_recording_id bigint, _from timestamptz, _to timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
as $$
declare
    _sensor record;
begin
    for _sensor in
        select n.sensor_type_id as id, app.gravity(_recording_id, n.sensor_type_id) as gravity
        from analytics.session_sensors as n
        where n.recording_id = _recording_id and (n.unit is not null or lower(n.sensor) like '%accel%')
    loop
        insert into app.archived_epochs (
            sensor_type_id, recording_id, bucket, gravity, readings, enmo_mg, mad_mg, steps
        )
        with epochs as materialized (
            select e.at, e.readings, e.enmo_mg, e.mad_mg
            from app.stored_epochs(_recording_id, _sensor.id, _sensor.gravity, interval '5 s', _from, _to) as e
        ),
        minutes as (
            select
                analytics.bucket_start(1, s.at) as bucket,
                case when count(s.is_step) > 0 then count(*) filter (where s.is_step) end as steps
            from app.stored_steps(_recording_id, _sensor.id, _from, _to) as s
            group by analytics.bucket_start(1, s.at)
        )
        select
            _sensor.id, _recording_id, m.bucket, _sensor.gravity, array_agg(e.readings::integer order by slot.at),
            array_agg(e.enmo_mg order by slot.at), array_agg(e.mad_mg order by slot.at), m.steps
        from minutes as m
        cross join lateral generate_series(
            m.bucket, m.bucket + interval '55 s', interval '5 s'
        ) as slot (at)
        left join epochs as e on e.at = slot.at
        group by m.bucket, m.steps;
    end loop;
end
$$;
