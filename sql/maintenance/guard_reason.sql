-- Returns why a clean-up of everything older than _cutoff needs confirmation; NULL: it does not. _host_now: the clock
-- of the calling machine. Between two runs it moved as far as that of the database, or one of the two clocks jumped.
create or replace function app.guard_reason(_task text, _cutoff timestamptz, _host_now timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _last app.maintenance_runs;
    _moved interval;
begin
    if _cutoff > app.now() - interval '7 days' then
        return 'it would delete data younger than 7 days';
    end if;
    select * into _last from app.maintenance_runs as r
    where r.task = _task and r.status = 'completed' and not r.is_dry_run
    order by r.started_at desc, r.id desc limit 1;
    _moved := _cutoff - _last.cutoff_at;
    if _moved > _host_now - _last.host_started_at + interval '1 day' then
        return format(
            'it would delete %s hours more than the last run of %s did, which was %s hours ago',
            round(extract(epoch from _moved) / 3600),
            to_char(_last.started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
            round(extract(epoch from _host_now - _last.host_started_at) / 3600)
        );
    end if;
    return null;
end
$$;
