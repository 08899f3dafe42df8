-- The ranges of times in which readings of a session changed after _base (a change_no) and _since, by sensor type.
-- Changes made by the device _without are left out. Where every change of a sensor counts, its whole range is one row.
create or replace function app.changed_ranges(
    _recording_id bigint, _base bigint, _since timestamptz, _without bigint
)
returns table (sensor_type_id integer, from_at timestamptz, to_at timestamptz)
language sql
stable
begin atomic
    with changes as (
        select
            c.sensor_type_id, c.from_at, c.to_at,
            c.change_no > _base and c.changed_at > _since and (c.device_key is distinct from _without) as is_wanted
        from app.reading_changes as c
        where c.recording_id = _recording_id
    ),
    spans as (
        select
            changes.sensor_type_id,
            case
                when every(changes.is_wanted)
                    then tstzmultirange(tstzrange(min(changes.from_at), max(changes.to_at), '[]'))
                else range_agg(tstzrange(changes.from_at, changes.to_at, '[]')) filter (where changes.is_wanted)
            end as ranges
        from changes
        group by changes.sensor_type_id
    )
    select spans.sensor_type_id, lower(span), upper(span)
    from spans, unnest(spans.ranges) as span
    order by spans.sensor_type_id, lower(span);
end;
