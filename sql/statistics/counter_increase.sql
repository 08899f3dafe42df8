-- An aggregate, so that analysts can count what no function of a session does.
create or replace aggregate analytics.counter_increase(double precision) (  -- noqa: PRS
    sfunc = app.counter_step,
    stype = double precision[],
    finalfunc = app.counter_total,
    parallel = safe
);

comment on aggregate analytics.counter_increase(double precision) is
'How much a counter such as steps rose: counter_increase(value order by recorded_at). A value below the one before '
'means that the counter restarted at 0, as it does when a phone is switched on: 1000, 1010, 1050, 3, 20, 60 is '
'50 + 3 + 57 = 110. NULLs are skipped; 0: a single value; NULL: there was none.';
