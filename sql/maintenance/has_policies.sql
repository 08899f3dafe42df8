-- Whether the database applies retention by jobs of its own: TimescaleDB Community, with app.sync_logs a hypertable.
create or replace function app.has_policies()
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return app.edition() = 'community' and app.is_hypertable('app.sync_logs');
end
$$;
