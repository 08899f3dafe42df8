-- Cut points as published; a comparison includes the cut point itself.
create or replace function analytics.session_activity(
    _recording bigint, _sensor text default 'accelerometer', _unit double precision default null,
    _enmo_moderate_mg double precision default 100.6, _enmo_vigorous_mg double precision default 428.8,
    _mad_moderate_mg double precision default 91, _mad_vigorous_mg double precision default 414
)
returns table (
    readings bigint, epochs bigint, enmo_mg double precision, enmo_readings_mg double precision,
    mad_mg double precision, enmo_moderate_epochs bigint, enmo_vigorous_epochs bigint, mad_moderate_epochs bigint,
    mad_vigorous_epochs bigint
)
language sql
stable
parallel safe
begin atomic
    select
        sum(e.readings)::bigint as readings, count(*) as epochs,
        case when count(e.enmo_mg) = count(*) then avg(e.enmo_mg) end as enmo_mg,
        case
            when count(e.enmo_mg) = count(*) then sum(e.enmo_mg * e.readings) / sum(e.readings)
        end as enmo_readings_mg,
        avg(e.mad_mg) as mad_mg,
        case
            when count(e.enmo_mg) = count(*) then count(*) filter (where e.enmo_mg >= _enmo_moderate_mg)
        end as enmo_moderate_epochs,
        case
            when count(e.enmo_mg) = count(*) then count(*) filter (where e.enmo_mg >= _enmo_vigorous_mg)
        end as enmo_vigorous_epochs,
        count(*) filter (where e.mad_mg >= _mad_moderate_mg) as mad_moderate_epochs,
        count(*) filter (where e.mad_mg >= _mad_vigorous_mg) as mad_vigorous_epochs
    from analytics.session_epochs(_recording, _sensor, _unit) as e
    having count(*) > 0;
end;

comment on function analytics.session_activity(
    bigint, text, double precision, double precision, double precision, double precision, double precision
) is
'Intensity of movement of a recording: one row, archived readings included. enmo_mg, mad_mg: means over epochs of 5 s; '
'enmo_readings_mg: over readings. enmo_moderate_epochs, enmo_vigorous_epochs: epochs whose ENMO is at least 100.6 mg '
'and 428.8 mg (moderate and vigorous activity of adults, wrist, Hildebrand 2014, doi 10.1249/MSS.0000000000000289). '
'mad_moderate_epochs, mad_vigorous_epochs: epochs whose MAD is at least 91 mg and 414 mg (adults, hip, Vaha-Ypya 2015, '
'doi 10.1371/journal.pone.0134813). Moderate epochs include vigorous ones. Twelve epochs are a minute. _unit and what '
'is archived: see session_epochs(). NULL: the ENMO of an epoch is not known, see there. No row: no readings with x, y '
'and z.';
