"""What the migration works with: the database of the settings, and the revisions wherever they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import URL

from app import logs, migrate
from app.config import load_settings
from fixtures.environment import environ_of


@pytest.mark.rule("TWF003")
def test_it_connects_to_the_database_of_the_settings() -> None:
    """A password may hold every character, those that mean something in a URL included."""
    settings = load_settings(
        environ_of(DB_HOST="db", DB_PORT="6432", DB_NAME="elsewhere", DB_USER="owner", DB_PASSWORD="p@ss:w/rd")
    )
    url = migrate.configured(settings).attributes["url"]
    assert isinstance(url, URL)
    assert url.drivername == "postgresql+asyncpg"
    assert url.translate_connect_args() == {
        "host": "db", "port": 6432, "database": "elsewhere", "username": "owner", "password": "p@ss:w/rd",
    }  # fmt: skip


def test_its_configuration_is_the_file_beside_the_revisions() -> None:
    """Alembic finds the revisions by it."""
    config = migrate.configured(load_settings(environ_of()))
    assert config.get_main_option("script_location") == str(migrate.directory())


@pytest.mark.rule("OWN006")
def test_revisions_in_the_package_come_before_those_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the image they are in the package; in a checkout they are beside src/."""
    monkeypatch.setattr(migrate, "__file__", str(tmp_path / "src/app/migrate.py"))
    (tmp_path / "migrations").mkdir()
    beside = migrate.directory()
    (tmp_path / "src/app/migrations").mkdir(parents=True)
    assert (beside, migrate.directory()) == (tmp_path / "migrations", tmp_path / "src/app/migrations")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The settings that the log was given, in place of its configuration, which is the whole process's."""
    given: list[tuple[str, str]] = []
    monkeypatch.setattr(logs, "configure", lambda level, style, secrets=(): given.append((level, style)))
    return given


@pytest.mark.rule("MIG002")
def test_without_revisions_the_job_fails_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, log: list[tuple[str, str]]
) -> None:
    """An image that was built without them must not look migrated."""
    monkeypatch.setattr(migrate, "__file__", str(tmp_path / "src/app/migrate.py"))
    monkeypatch.setattr(os, "environ", environ_of(LOG_LEVEL="ERROR", LOG_FORMAT="text"))
    assert (migrate.main(), caplog.messages, log) == (1, ["cannot migrate"], [("ERROR", "text")])
    assert str(caplog.records[0].exc_info).count("migrations/ is neither in the package nor beside src/") == 1


@pytest.mark.rule("MIG002")
def test_an_unusable_environment_fails_the_job_and_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, log: list[tuple[str, str]]
) -> None:
    """In the same words as the service does it."""
    monkeypatch.setattr(os, "environ", environ_of(DB_HOST=None))
    assert (migrate.main(), log) == (1, [("INFO", "json")])
    assert caplog.messages == ["1 configuration problem(s): DB_HOST: is missing"]
    assert vars(caplog.records[0])["problems"] == {"DB_HOST": "is missing"}
