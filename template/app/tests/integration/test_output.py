"""What the running process writes: JSON lines on standard output, and nothing anywhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.environment import leaked
from fixtures.process import Process

TRACER = """
import os, sys
def traced(event, arguments):
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC):
        os.write(2, f"OPENED {arguments[0]}\\n".encode())
sys.addaudithook(traced)
"""
ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}


@pytest.fixture(scope="module")
def answers() -> list[str]:
    """What the process answered."""
    return []


@pytest.fixture(scope="module")
def ended(answers: list[str]) -> Iterator[Process]:
    """A process that has served, erred, drained and ended."""
    environ = {"DRAIN_SECONDS": 0.5, "PRESTOP_SECONDS": 0, "REQUEST_SECONDS": 0.5, "LOG_LEVEL": "DEBUG"}
    with Process("fixtures.service", environ) as process:
        process.until("/health/ready", 200)
        for path in ("/try/item/1", "/try/boom", "/try/quote", "/try/odd", "/nowhere", "/try/sleep/5", "/metrics"):
            answers.append(process.http.get(path).text)
        process.http.post("/try/mode/critical/down")
        answers.append(process.until("/health/ready", 503).text)
        process.signal()
        process.exit_code()
        yield process


@pytest.mark.rule("LOG001", "LOG003")
def test_every_line_is_json_on_standard_output(ended: Process) -> None:
    """From the server's first line to its last: access lines, tracebacks, warnings, what a thread did not catch."""
    loggers = {str(line["logger"]) for line in ended.records()}
    assert {"app.main", "app.lifecycle", "uvicorn.error", "uvicorn.access", "service", "py.warnings"} <= loggers
    assert [line for line in ended.records() if not {"time", "level", "logger", "message"} <= line.keys()] == []
    traced = {str(line["exception"]).splitlines()[-1] for line in ended.records() if "exception" in line}
    assert {"RuntimeError: boom", "ZeroDivisionError: division by zero"} <= traced
    assert "odd\nnumbers" in [line["message"] for line in ended.records()]
    assert ended.errors == []


@pytest.mark.rule("LOG001", "LOG003")
@pytest.mark.parametrize(
    ("module", "fault"),
    [
        ("app", {"DB_HOST": ""}),
        ("app.migrate", {"DB_HOST": ""}),
        ("app.migrate", {"DB_HOST": "/nowhere"}),
        ("fixtures.service", {"FAKE_START": "fail"}),
    ],
)
def test_a_failure_is_told_as_json_on_standard_output(module: str, fault: dict[str, str]) -> None:
    """Of the service or the migration, for its configuration or for what it met."""
    with Process(module, fault) as process:
        assert process.exit_code() != 0
        assert ("CRITICAL" in {line["level"] for line in process.records()}, process.errors) == (True, [])


@pytest.mark.rule("ENV007")
def test_no_line_and_no_answer_holds_a_part_of_a_secret(ended: Process, answers: list[str]) -> None:
    """Not even where an error quotes all of them, nor where a probe fails with one."""
    assert "RuntimeError: refused" in str(ended.output)
    assert leaked(str(ended.output) + str(answers)) == []


@pytest.mark.rule("LOG004")
@pytest.mark.parametrize(("level", "shown"), [("ERROR", {"ERROR"}), ("DEBUG", {"DEBUG", "INFO", "ERROR"})])
def test_the_level_counts_for_app_and_server_from_start_to_end(level: str, shown: set[str]) -> None:
    """Of lines below it there is none, and of DEBUG there are some by the app itself."""
    with Process("fixtures.service", {"LOG_LEVEL": level, "DRAIN_SECONDS": 0}) as process:
        process.until("/health/ready", 200)
        process.http.get("/try/item/1")
        process.http.get("/try/boom")
        process.signal()
        process.exit_code()
        assert {line["level"] for line in process.records()} == shown


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
