create or replace view analytics.sessions as
select
    s.id, s.user_id, s.session_id, s.start_time, s.end_time,
    case
        when ended.at is not null then date_part('epoch', greatest(ended.at, s.start_time) - s.start_time)
    end as duration_s,
    s.sample_rate, s.enabled_sensors, s.data_count as record_count, s.first_reading_at, s.last_reading_at,
    s.is_uploaded, s.created_at, nullif(s.updated_at, '-infinity') as updated_at
from app.recording_sessions as s
cross join lateral (select coalesce(s.end_time, s.last_reading_at) as at) as ended
where s.deleted_at is null;

comment on view analytics.sessions is
'A row a recording session that is not deleted. id: what the functions of this schema take. session_id: the name '
'that the phone gave it, unique per user. end_time NULL: still recording. duration_s: seconds from start_time to '
'end_time, or to the last reading while there is none. sample_rate: Hz that the app asked for, NULL when it did not '
'say. record_count: readings. first_reading_at, last_reading_at: the times between which its readings lie. '
'updated_at: its last change.';
