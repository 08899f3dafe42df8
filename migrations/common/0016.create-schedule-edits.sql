-- depends: 0011.create-maintenance

-- A view of readings by recording joins sessions by app.sensor_data's kind of number.
create unique index recording_sessions_recording_id_idx on app.recording_sessions ((id::integer));

-- A schedule that is edited, or switched on again, waits for its next time: a run of a time before due_from is never
-- started. Kept by a trigger, so that it does not matter who edits.
alter table app.schedules add column due_from timestamptz;
update app.schedules set due_from = created_at;
alter table app.schedules alter column due_from set not null;

-- The clock is looked up when the trigger runs, as sql/ makes it after the migrations.
create function app.set_due_from()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.due_from := app.now();
    return new;
end
$$;

create trigger schedules_insert_trigger before insert on app.schedules
for each row when (new.due_from is null) execute function app.set_due_from();

-- What a schedule does, and with which arguments, does not change when it is due.
create trigger schedules_update_trigger before update on app.schedules
for each row when (
    (old.frequency, old.hour, old.minute, old.timezone, old.is_active)
    is distinct from (new.frequency, new.hour, new.minute, new.timezone, new.is_active)
    and old.due_from is not distinct from new.due_from
) execute function app.set_due_from();
