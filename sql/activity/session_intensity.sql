-- Per minute, from epochs that divide a minute. A mean of ENMO over readings is what sums and counts merge to.
create or replace function analytics.session_intensity(
    _recording bigint, _sensor text default 'accelerometer', _unit double precision default null
)
returns table (
    minute timestamptz, readings bigint, epochs bigint, enmo_mg double precision, mad_mg double precision
)
language sql
stable
parallel safe
begin atomic
    select
        analytics.bucket_start(1, e.at) as minute, sum(e.readings)::bigint as readings, count(*) as epochs,
        sum(e.enmo_mg * e.readings) / sum(e.readings) as enmo_mg, avg(e.mad_mg) as mad_mg
    from analytics.session_epochs(_recording, _sensor, _unit) as e
    group by analytics.bucket_start(1, e.at)
    order by minute;
end;

comment on function analytics.session_intensity(bigint, text, double precision) is
'Acceleration of a recording per minute: one row per UTC minute with readings, archived readings included. readings, '
'epochs: how many readings and epochs of 5 s it has. enmo_mg: ENMO over its readings, in mg. mad_mg: mean MAD of its '
'epochs, in mg. Both, _unit and what is archived: see session_epochs().';
