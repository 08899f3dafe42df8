-- What an analyst sees of app.recording_sessions: no notes, no deleted sessions, nothing about synchronisation.
create or replace view analytics.sessions as
select
    s.id as recording_id, s.user_id, s.session_id, s.start_time, s.end_time,
    case
        when ended.at is not null then date_part('epoch', greatest(ended.at, s.start_time) - s.start_time)
    end as duration_s,
    s.sample_rate, s.enabled_sensors, s.data_count as record_count, s.first_reading_at, s.last_reading_at,
    s.is_uploaded, s.created_at, nullif(s.updated_at, '-infinity') as updated_at,
    s.archived_at, s.archived_count, s.clock_offset_ms,
    d.device_id, s.device ->> 'platform' as platform, s.device ->> 'model' as model,
    s.device ->> 'os_version' as os_version, s.device ->> 'app_version' as app_version
from app.recording_sessions as s
left join app.devices as d on d.id = s.device_key
cross join lateral (select coalesce(s.end_time, s.last_reading_at) as at) as ended
where s.deleted_at is null;

comment on view analytics.sessions is
'One row per recording session that is not deleted. recording_id: the argument of this schema''s functions. user_id: '
'analytics.users.id. session_id: the name that the phone gave it, unique per user. start_time, end_time: as the '
'phone reported; end_time NULL: still recording. duration_s: seconds from start_time to end_time, or to the last '
'reading as long as there is no end_time; NULL: neither is known. sample_rate: Hz that the app requested; '
'enabled_sensors: sensors that it enabled, in its own notation; NULL: it did not say. record_count: number of '
'readings; archived_count: how many of them were archived, so that only their rollups are left; archived_at: when '
'that happened last, NULL: never. first_reading_at, last_reading_at: times between which its readings lie; NULL: it '
'has none. is_uploaded: the phone reported that it has sent everything. created_at: when the server first received '
'it; updated_at: its last '
'change. clock_offset_ms: the server''s clock minus the phone''s at the latest push that reported the phone''s clock, '
'so that time + clock_offset_ms is the time by the server''s clock; NULL: no push reported it. device_id: the device '
'whose push made the session, by the name that the app gave it at login, unique per user; other devices may have '
'pushed to it later; NULL: of an older session, not known. platform, model, os_version, app_version: of the device '
'that records, as the app reported them last; NULL: it did not.';
