-- What the job of kind rhythm finds.
create or replace function analytics.rhythm_report(
    _user bigint, _from date default null, _to date default null, _timezone text default null,
    _sensor text default 'accelerometer', _axis text default 'magnitude'
)
returns jsonb
language sql
stable
parallel safe
begin atomic
    select jsonb_build_object(
        'sensor', _sensor, 'axis', _axis, 'hours', coalesce(r.hours, 0),
        'interdaily_stability', r.interdaily_stability, 'intradaily_variability', r.intradaily_variability,
        'l5', r.l5, 'l5_from', r.l5_from, 'm10', r.m10, 'm10_from', r.m10_from,
        'relative_amplitude', r.relative_amplitude, 'mesor', r.mesor, 'amplitude', r.amplitude, 'peak_h', r.peak_h
    )
    from analytics.users as u
    left join analytics.user_rhythm(_user, _sensor, _axis, _from, _to, _timezone) as r on true
    where u.id = _user;
end;

comment on function analytics.rhythm_report(bigint, date, date, text, text, text) is
'Returns user_rhythm() of an axis of a sensor as one JSON document, the result of rhythm: sensor, axis, hours (0: none '
'has a value, and the rest is null) and the other columns. NULL: there is no such user.';
