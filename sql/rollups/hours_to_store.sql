-- The hours of a session whose partials a job is to store: those that have readings around them, but are not stored
-- yet. A session that somebody pushed to in the last ten minutes goes on: its last hour, and what lies up to ten
-- minutes before its last reading, would soon change again.
create or replace function app.hours_to_store(_session app.recording_sessions)
returns tstzmultirange
language sql
stable
begin atomic
    select
        case
            when (_session).deleted_at is null and (_session).data_count > (_session).archived_count
                and hours.until_at > hours.from_at
                then tstzmultirange(tstzrange(hours.from_at, hours.until_at)) - (_session).stored_hours
            else '{}'
        end
    from (
        select
            analytics.bucket_start(60, (_session).first_reading_at) as from_at,
            case
                when (_session).last_push_at < app.now() - interval '10 minutes'
                    then analytics.bucket_start(60, (_session).last_reading_at) + interval '1 hour'
                else analytics.bucket_start(60, (_session).last_reading_at - interval '10 minutes')
            end as until_at
    ) as hours;
end;
