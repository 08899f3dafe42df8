-- In app, as analysts have session_percentiles() and user_percentiles(), which call it.
create or replace function app.approx_percentiles(_sketch jsonb, _fractions double precision[])
returns double precision[]
language sql
immutable
parallel safe
begin atomic
    select array_agg(analytics.approx_percentile(_sketch, f.fraction) order by f.number)
    from unnest(_fractions) with ordinality as f (fraction, number);
end;
