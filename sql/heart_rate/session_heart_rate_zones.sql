-- A reading holds until the next one, as in coverage: watches send fewer readings at rest than in motion, so counting
-- readings would count motion more.
create or replace function analytics.session_heart_rate_zones(
    _recording bigint, _max_bpm double precision default null, _age double precision default null,
    _sensor text default 'heart_rate', _gap_s double precision default 60,
    _percents double precision[] default '{50, 60, 70, 80, 90}'
)
returns table (
    zone integer, from_bpm double precision, below_bpm double precision, seconds double precision,
    share double precision
)
language sql
stable
parallel safe
begin atomic
    with top as materialized (
        select
            coalesce(
                app.checked_number('_max_bpm', _max_bpm, 0, 1000), 208 - 0.7 * app.checked_number('_age', _age, 0, 150)
            ) as bpm
    ),
    bounds as (
        select array_agg(percents.percent * top.bpm / 100 order by percents.percent) as bpm
        from top
        cross join lateral (
            -- NULL is not a percentage either.
            select app.checked_number('each of _percents', coalesce(p.percent, 'NaN'), 0, 1000) as percent
            from unnest(_percents) as p (percent)
        ) as percents
        where top.bpm > 0
    ),
    held as (
        select
            d.value,
            greatest(least(date_part('epoch', lead(d.recorded_at) over by_time - d.recorded_at), _gap_s), 0) as seconds,
            lead(d.recorded_at) over by_time is null as is_last
        from analytics.session_sensors as n
        cross join lateral app.axis_readings(_recording, n.sensor_type_id, 5, n.value_key, null, null) as d
        where n.recording_id = _recording and n.sensor = _sensor
        window by_time as (order by d.recorded_at)
    ),
    sums as (
        select width_bucket(h.value, b.bpm) as zone, sum(case when h.is_last then 0 else h.seconds end) as seconds
        from held as h
        cross join bounds as b
        -- 0 is what a sensor without contact sends.
        where h.value > 0
        group by width_bucket(h.value, b.bpm)
    )
    select
        z.zone, b.bpm[z.zone] as from_bpm, b.bpm[z.zone + 1] as below_bpm, coalesce(s.seconds, 0) as seconds,
        coalesce(s.seconds, 0) / nullif(sum(s.seconds) over (), 0) as share
    from bounds as b
    cross join lateral generate_series(0, cardinality(b.bpm)) as z (zone)
    left join sums as s on s.zone = z.zone
    where exists (select from sums)
    order by z.zone;
end;

comment on function analytics.session_heart_rate_zones(
    bigint, double precision, double precision, text, double precision, double precision[]
) is
'How long the heart rate of a recording was in each zone: one row per zone, 0 to 5. Zones begin at percentages of the '
'maximum heart rate (_percents): 50, 60, 70, 80 and 90 by default (Edwards 1993, The Heart Rate Monitor Book); zone 0 '
'is what is lower. The intensities of the ACSM are {57, 64, 77, 96} (Garber 2011, doi 10.1249/MSS.0b013e318213fefb). '
'_max_bpm: the maximum, if it is known; otherwise 208 - 0.7 x _age years (Tanaka 2001, doi '
'10.1016/S0735-1097(00)01054-8), whose standard deviation is about 10 beats. from_bpm: lowest rate of the zone, '
'included; below_bpm: end of the zone, not included; NULL: no limit. seconds: a reading counts until the next one, at '
'most _gap_s seconds (NULL: however long), the last one not at all; readings of 0 are none, and what was before ends '
'there. share: of the seconds of all zones; NULL: there are none. No rows: neither _max_bpm nor _age is given, or no '
'heart rate is stored; archived readings do not count.';
