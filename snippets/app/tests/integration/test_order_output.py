"""What the real app and its migration write: JSON lines on standard output, and nothing anywhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.process import Process

TRACER = """
import os, sys
def traced(event, arguments):
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC):
        os.write(2, f"OPENED {arguments[0]}\\n".encode())
sys.addaudithook(traced)
"""
ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}


@pytest.mark.rule("LOG001", "LOG003")
@pytest.mark.parametrize("host", ["", "/nowhere"])
def test_a_failed_migration_is_told_as_json_on_standard_output(host: str) -> None:
    """For its configuration, or for what it met."""
    with Process("app.migrate", {"DB_HOST": host}) as process:
        assert process.exit_code() != 0
        assert ("CRITICAL" in {line["level"] for line in process.records()}, process.errors) == (True, [])


@pytest.mark.rule("LOG004")
def test_the_product_keeps_to_its_level() -> None:
    """Not even a start that waits for everything says anything that is less than critical."""
    with Process("app", {"LOG_LEVEL": "CRITICAL", "DRAIN_SECONDS": 0}) as process:
        process.until("/health/live", 200)
        process.until("/health/ready", 503)
        process.http.get("/positions")
        process.signal()
        assert (process.exit_code(), process.records(), process.errors) == (0, [], [])


@pytest.mark.rule("LOG002")
@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_no_file_is_opened_for_writing(level: str, environ: dict[str, str], tmp_path: Path) -> None:
    """By migration or app, from the import over a filled order to the exit: no log, no cache, no temporary file."""
    (tmp_path / "sitecustomize.py").write_text(TRACER)
    environ |= {"LOG_LEVEL": level, "DRAIN_SECONDS": "0.2", "PYTHONDONTWRITEBYTECODE": "1"}
    with Process("app.migrate", environ, before=tmp_path) as migration:
        assert (migration.exit_code(), migration.errors) == (0, [])
    with Process("app", environ, before=tmp_path) as process:
        process.until("/health/ready", 200)
        process.http.post("/orders", json=ORDER, headers={"Idempotency-Key": "one"})
        process.until_logged("fill")
        process.http.get("/metrics")
        process.signal()
        assert (process.exit_code(), process.errors) == (0, [])


@pytest.mark.rule("LOG002")
def test_the_tracer_sees_what_is_written(tmp_path: Path) -> None:
    """A file that is written is reported, so that silence means something."""
    (tmp_path / "sitecustomize.py").write_text(TRACER)
    log = tmp_path / "app.log"
    script = f"import logging; logging.FileHandler({str(log)!r}); open({str(log)!r})"
    environ = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert run.stderr.splitlines() == [f"OPENED {log}"]
