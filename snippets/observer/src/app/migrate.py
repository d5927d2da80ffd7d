"""`python -m app.migrate`: bring the database to the schema that this image needs, as a one-off process."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import URL

from app import logs
from app.config import ConfigurationError, drop_undeclared, load_settings
from app.settings import Settings

log = logging.getLogger("app.migrate")


# --8<-- [start:migrate]
class NewerSchemaError(Exception):
    """The database is at a revision that these files do not hold: a newer version has migrated it."""


def migrate(settings: Settings, revision: str = "head") -> None:
    """Run the revisions that the database lacks; running it again changes nothing (App document 2.1, 6.3)."""
    try:
        command.upgrade(configured(settings), revision)
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):
            raise NewerSchemaError(error.__cause__.argument) from error
        raise


def configured(settings: Settings) -> Config:
    """What Alembic has to know: the files, and the database."""
    config = Config(directory() / "alembic.ini")
    config.attributes["url"] = URL.create(
        "postgresql+asyncpg",
        username=settings.db_user,
        password=settings.db_password.get_secret_value(),
        host=settings.db_host,
        port=settings.db_port,
        database=settings.db_name,
    )
    return config


def directory() -> Path:
    """Where the revisions are: inside the installed package, where the image's build puts them, or in a checkout."""
    package = Path(__file__).parent
    for candidate in (package / "migrations", package.parents[1] / "migrations"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError("migrations/ is neither in the package nor beside src/")


def main() -> int:
    """The exit code for the Job: not zero means that nothing was changed."""
    try:
        settings = load_settings(os.environ)
    except ConfigurationError as error:
        logs.configure("INFO", "json")
        log.critical(str(error), extra={"problems": error.problems})
        return 1
    logs.configure(settings.log_level, settings.log_format, settings.secrets)
    try:
        migrate(settings)
    except NewerSchemaError as newer:
        # A rollback runs this Job with the image of before, which serves on the newer schema (MIG003).
        log.warning("the database is at revision %s, which is newer than this version: nothing to do", newer)
        return 0
    except Exception:
        log.critical("cannot migrate", exc_info=True)
        return 1
    log.info("migrated")
    return 0


# --8<-- [end:migrate]


if __name__ == "__main__":
    drop_undeclared(os.environ)
    sys.exit(main())
