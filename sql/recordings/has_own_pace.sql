-- Sensors whose readings an app cannot request at a rate: Android calls them on-change, one-shot and special
-- (source.android.com/docs/core/interaction/sensors/report-modes); fixes of a position come when they are found.
-- Compared without case, spaces, hyphens and underscores.
create or replace function app.has_own_pace(_sensor text)
returns boolean
language sql
immutable
parallel safe
begin atomic
    select lower(translate(_sensor, '_- ', '')) in (
        'light', 'ambientlight', 'proximity', 'ambienttemperature', 'relativehumidity', 'humidity',
        'stepcounter', 'stepdetector', 'steps', 'pedometer', 'significantmotion', 'motiondetect', 'stationarydetect',
        'heartrate', 'heartbeat', 'hingeangle', 'offbodydetect', 'lowlatencyoffbodydetect', 'activity', 'battery',
        'gps', 'gnss', 'location'
    );
end;
