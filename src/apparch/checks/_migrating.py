"""What migrates a database: its commands, and the images of tools that do nothing else."""

from __future__ import annotations

import re

from apparch.repository.programs import Program

_PHRASES = {
    "alembic": ("upgrade",),
    "flask": ("db upgrade",),
    "prisma": ("migrate deploy", "db push"),
    "knex": ("migrate:latest", "migrate:up"),
    "sequelize": ("db:migrate",),
    "sequelize-cli": ("db:migrate",),
    "typeorm": ("migration:run",),
    "drizzle-kit": ("migrate", "push"),
    "flyway": ("migrate",),
    "liquibase": ("update",),
    "goose": ("up",),
    "dbmate": ("up", "migrate"),
    "migrate": ("up",),
    "atlas": ("migrate apply", "schema apply"),
    "sqlx": ("migrate run",),
    "diesel": ("migration run",),
    "yoyo": ("apply",),
    "aerich": ("upgrade",),
    "rails": ("db:migrate", "db:prepare"),
    "rake": ("db:migrate",),
    "manage.py": ("migrate",),
    "artisan": ("migrate",),
    "mix": ("ecto.migrate",),
}
IMAGES = re.compile(
    r"(?:^|/)(?:(?:redgate|flyway)/flyway|liquibase/liquibase|migrate/migrate|amacneil/dbmate|arigaio/atlas|gomicro/goose)(?=[:@]|$)"
)
"""Images of tools that migrate with files that somebody else gives them."""


def migrates(run: Program) -> bool:
    """Whether a command migrates a database, by the tools' own words or a module that is called so."""
    if run.has("--check", "--dry-run", "--plan", "--help", "-h", "--sql", "--fake"):
        return False
    words = [word for word in run.words if not word.endswith(".js")]
    name = run.name
    if re.fullmatch(r"(python[0-9.]*|php|node|ruby)", name) and words:
        name, words = words[0].rpartition("/")[2], words[1:]
    said = " ".join(words)
    if any(said == each or said.startswith(f"{each} ") or f" {each}" in f" {said}" for each in _PHRASES.get(name, ())):
        return True
    return bool(re.fullmatch(r"(\w+[.])+migrate", name))
