-- Lomb (1976) and Scargle (1982), without the mean: tau makes the sines and cosines orthogonal, so only five sums per
-- frequency are needed. cos 2wt = 2 cos2 wt - 1 spares half of the trigonometry.
create or replace function analytics.dominant_frequency(
    _recording bigint, _sensor text default 'accelerometer',
    _min_hz double precision default 0.5, _max_hz double precision default 5,
    _step_hz double precision default 0.02, _from timestamptz default null, _to timestamptz default null
)
returns table (frequency_hz double precision, power double precision)
language sql
stable
parallel safe
begin atomic
    with asked as materialized (
        select
            app.checked_number('_min_hz', _min_hz, 0, 1000000) as min_hz,
            app.checked_number('_max_hz', _max_hz, 0, 1000000) as max_hz,
            app.checked_number('_step_hz', _step_hz, 0.000001, 1000000) as step_hz
    ),
    readings as (
        select
            date_part('epoch', d.recorded_at - min(d.recorded_at) over ()) as s,
            d.magnitude - avg(d.magnitude) over () as a
        from analytics.session_sensors as n
        join app.stored_session_readings(_recording, _from, _to) as d on d.sensor_type_id = n.sensor_type_id
        where n.recording_id = _recording and n.sensor = _sensor and d.magnitude is not null
    ),
    frequencies as (
        select asked.min_hz + asked.step_hz * k as hz, 2 * pi() * (asked.min_hz + asked.step_hz * k) as w
        from asked
        cross join lateral generate_series(
            0,
            app.checked_number(
                'the number of frequencies, (_max_hz - _min_hz) / _step_hz,',
                round(greatest((asked.max_hz - asked.min_hz) / asked.step_hz, -1)), -1, 1000000
            )::integer
        ) as k
    ),
    sums as (
        select
            f.hz, count(*) as n, sum(r.a * t.c) as ac, sum(r.a * t.s) as sa,
            sum(2 * t.c * t.c - 1) as c2, sum(2 * t.s * t.c) as s2
        from frequencies as f
        cross join readings as r
        cross join lateral (select cos(f.w * r.s) as c, sin(f.w * r.s) as s) as t
        group by f.hz
    ),
    turned as (
        select
            t.hz, t.ac * cos(t.half) + t.sa * sin(t.half) as along, t.sa * cos(t.half) - t.ac * sin(t.half) as across,
            t.n / 2.0 + t.length / 2 as cosines, t.n / 2.0 - t.length / 2 as sines
        from (select s.*, atan2(s.s2, s.c2) / 2 as half, sqrt(s.c2 * s.c2 + s.s2 * s.s2) as length from sums as s) as t
    )
    select
        p.hz as frequency_hz,
        (
            coalesce(p.along * p.along / nullif(p.cosines, 0), 0)
            + coalesce(p.across * p.across / nullif(p.sines, 0), 0)
        ) / 2 as power
    from turned as p
    order by power desc, frequency_hz asc
    limit 1;
end;

comment on function analytics.dominant_frequency(
    bigint, text, double precision, double precision, double precision, timestamptz, timestamptz
) is
'The frequency at which the magnitude of a sensor varies most, in Hz, of those from _min_hz to _max_hz in steps of '
'_step_hz; the lower one on a tie. power: of the Lomb-Scargle periodogram, not normalised (Scargle 1982, doi '
'10.1086/160554), of the magnitude minus its mean. Readings need not be evenly spaced. Walking is about 1.4 to 2.4 Hz. '
'_from, _to: only readings between these times, for a window of a session; time grows with readings times frequencies. '
'No row: no stored readings with x, y and z; archived ones have no frequency.';
