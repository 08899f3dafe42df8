-- What the job of kind mobility finds: home once, as it is the same on each day.
create or replace function analytics.mobility_report(
    _user bigint, _from date default null, _to date default null, _timezone text default null,
    _accuracy_max_m double precision default 20
)
returns jsonb
language sql
stable
parallel safe
begin atomic
    select jsonb_build_object(
        'accuracy_max_m', _accuracy_max_m,
        'home', (
            jsonb_agg(
                jsonb_build_object('latitude', m.home_latitude, 'longitude', m.home_longitude)
            ) filter (where m.home_latitude is not null)
        ) -> 0,
        'days', coalesce(
            jsonb_agg(to_jsonb(m) - 'home_latitude' - 'home_longitude' order by m.day)
            filter (where m.day is not null),
            '[]'
        )
    )
    from analytics.user_mobility(_user, _from, _to, _timezone, _accuracy_max_m => _accuracy_max_m) as m
    having exists (select from analytics.users as u where u.id = _user);
end;

comment on function analytics.mobility_report(bigint, date, date, text, double precision) is
'Returns user_mobility() as one JSON document, the result of mobility: home (latitude, longitude; null: not known), '
'days (a row per day with the other columns, in order), accuracy_max_m. NULL: there is no such user.';
