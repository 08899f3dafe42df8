"""`koodtx migrate` killed midway: the next one finds a state that it can go on from."""

import subprocess
import sys
from typing import Any

import psycopg
import pytest

from koodtx.database.migrate import migrate
from tests.database.listing import listing
from tests.support.command_settings import command_environment, settings_of
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.faults]

# Longer than a kill takes, and so short that the next migration, which waits for the end of the last, soon goes on.
_PAUSE_S = 2

# Where it stands still until it is killed.
_STOPS = {
    "during a migration": """
        create function public.pause() returns event_trigger language plpgsql as $$
        begin
            if to_regclass('app.sensor_data') is not null and to_regclass('app.sync_logs') is null then
                perform pg_sleep({pause_s});
            end if;
        end $$;
        create event trigger pause on ddl_command_end when tag in ('CREATE TABLE') execute function public.pause();
    """,
    "between a migration and the note of it": """
        create function public.pause() returns trigger language plpgsql as $$
        begin
            if new.migration_id like '0004%' then
                perform pg_sleep({pause_s});
            end if;
            return new;
        end $$;
        create function public.pause_notes() returns event_trigger language plpgsql as $$
        begin
            if to_regclass('app.yoyo_migration') is not null
                and not exists (select from pg_trigger where tgname = 'pause') then
                create trigger pause before insert on app.yoyo_migration for each row execute function public.pause();
            end if;
        end $$;
        create event trigger pause on ddl_command_end when tag in ('CREATE TABLE')
            execute function public.pause_notes();
    """,
    "during sql/": """
        create function public.pause() returns event_trigger language plpgsql as $$
        begin
            if to_regproc('app.open_push') is not null and to_regproc('app.finish_push') is null then
                perform pg_sleep({pause_s});
            end if;
        end $$;
        create event trigger pause on ddl_command_end when tag in ('CREATE FUNCTION') execute function public.pause();
    """,
}

_CLEAN_UP = """
    drop event trigger pause;
    drop trigger if exists pause on app.yoyo_migration;
    drop function public.pause;
    drop function if exists public.pause_notes;
"""


@pytest.mark.parametrize("stop", _STOPS)
def test_migrate_after_a_kill_goes_on_to_the_end(stop: str, empty_database: str, db: psycopg.Connection[Any]) -> None:
    with psycopg.connect(empty_database, autocommit=True) as admin:
        admin.execute(_STOPS[stop].format(pause_s=_PAUSE_S))  # type: ignore[call-overload]
        process = subprocess.Popen([sys.executable, "-m", "koodtx", "migrate"], env=command_environment(empty_database))
        wait_for_pause(admin)
        process.kill()
        process.wait(10)
        wait_for_end(admin)
        admin.execute(_CLEAN_UP)

        done = migrate(settings_of(empty_database), say=lambda line: None)

        assert done.is_sql_applied
        assert listing(admin) == listing(db)
        names = admin.execute("select migration_id from app.yoyo_migration order by 1").fetchall()
        assert names == admin.execute("select name from app.migration_checksums order by 1").fetchall()


def test_migrate_at_once_with_one_that_was_killed_waits_for_its_end(empty_database: str) -> None:
    """The server notices late that nobody is there any more."""
    with psycopg.connect(empty_database, autocommit=True) as admin:
        admin.execute(_STOPS["during a migration"].format(pause_s=_PAUSE_S))  # type: ignore[call-overload]
        process = subprocess.Popen([sys.executable, "-m", "koodtx", "migrate"], env=command_environment(empty_database))
        wait_for_pause(admin)
        process.kill()
        process.wait(10)
        assert migrate(settings_of(empty_database), say=lambda line: None).is_sql_applied


_SLEEPING = """
    select count(*) from pg_stat_activity
    where datname = current_database() and wait_event = 'PgSleep' and application_name = 'koodtx migrate'
"""


def wait_for_pause(admin: psycopg.Connection[Any]) -> None:
    wait_until(lambda: admin.execute(_SLEEPING).fetchone() != (0,), 60)


def wait_for_end(admin: psycopg.Connection[Any]) -> None:
    """Of the killed one's connections."""
    query = (
        "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'koodtx m%'"
    )
    wait_until(lambda: admin.execute(query).fetchone() == (0,), 30)
