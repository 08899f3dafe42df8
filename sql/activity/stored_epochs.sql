-- The mean of an epoch is needed before deviations from it can be summed, so it comes from a window over the epoch. In
-- app for the reason of app.stored_session_readings().
create or replace function app.stored_epochs(
    _recording bigint, _sensor_type_id integer, _gravity double precision, _epoch interval,
    _from timestamptz, _to timestamptz
)
returns table (at timestamptz, readings bigint, enmo_mg double precision, mad_mg double precision)
language sql
stable
parallel safe
begin atomic
    select
        d.at, count(*) as readings, avg(greatest(d.mg - 1000, 0)) as enmo_mg, avg(abs(d.mg - d.mean_mg)) as mad_mg
    from (
        select m.at, m.mg, avg(m.mg) over (partition by m.at) as mean_mg
        from (
            select
                date_bin(_epoch, r.recorded_at, timestamptz '2000-01-03 00:00Z') as at,
                1000 * r.magnitude / _gravity as mg
            from app.stored_session_readings(_recording, _from, _to) as r
            where r.sensor_type_id = _sensor_type_id and r.magnitude is not null
        ) as m
    ) as d
    group by d.at;
end;
