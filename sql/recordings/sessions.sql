-- What an analyst sees of app.recording_sessions: no notes, nothing deleted, nothing of the sync.
create or replace view analytics.sessions as
select
    s.id as recording_id, s.user_id, s.session_id, s.start_time, s.end_time,
    case
        when ended.at is not null then date_part('epoch', greatest(ended.at, s.start_time) - s.start_time)
    end as duration_s,
    s.sample_rate, s.enabled_sensors, s.data_count as record_count, s.first_reading_at, s.last_reading_at,
    s.is_uploaded, s.created_at, nullif(s.updated_at, '-infinity') as updated_at,
    s.archived_at, s.archived_count
from app.recording_sessions as s
cross join lateral (select coalesce(s.end_time, s.last_reading_at) as at) as ended
where s.deleted_at is null;

comment on view analytics.sessions is
'One row per recording session that is not deleted. recording_id: what the functions of this schema take. user_id: '
'analytics.users.id. session_id: the name that the phone gave it, unique per user. start_time, end_time: as the phone '
'says; end_time NULL: still recording. duration_s: seconds from start_time to end_time, or to the last reading while '
'there is none; NULL: neither is known. sample_rate: Hz that the app asked for, enabled_sensors: which sensors, as '
'it wrote them; both NULL when it did not say. record_count: readings; archived_count: how many of '
'them were archived, so that only rollups have them, the last time at archived_at (NULL: never). first_reading_at, '
'last_reading_at: the times between which its readings lie, NULL: it has none. is_uploaded: the phone said that it '
'has sent all. created_at: when the server first heard of it; updated_at: its last change.';
