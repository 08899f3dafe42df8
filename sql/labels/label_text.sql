-- What the key `label` of a reading says: a text of 1 to 200 characters, a number or a boolean; NULL: anything else.
-- Longer texts do not count, so that what is kept of them stays small.
create or replace function app.label_text(_label jsonb)
returns text
language sql
immutable
parallel safe
begin atomic
    select case
        when jsonb_typeof(_label) in ('string', 'number', 'boolean') and length(_label #>> '{}') between 1 and 200
            then _label #>> '{}'
    end;
end;
