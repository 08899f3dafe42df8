-- What the job of kind activity finds.
create or replace function analytics.activity_report(
    _user bigint, _from date default null, _to date default null, _timezone text default null,
    _sensor text default 'accelerometer'
)
returns jsonb
language sql
stable
parallel safe
begin atomic
    select jsonb_build_object(
        'sensor', _sensor,
        'days', coalesce(jsonb_agg(to_jsonb(a) order by a.day) filter (where a.day is not null), '[]')
    )
    from analytics.user_activity(_user, _from, _to, _timezone, _sensor) as a
    having exists (select from analytics.users as u where u.id = _user);
end;

comment on function analytics.activity_report(bigint, date, date, text, text) is
'Returns user_activity() of an accelerometer as one JSON document, the result of activity: sensor, days (a row per day '
'with readings, in order). NULL: there is no such user.';
