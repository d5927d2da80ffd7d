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
        for path in ("/try/item/1", "/try/boom", "/try/quote", "/nowhere", "/try/sleep/5", "/metrics", "/health/live"):
            answers.append(process.http.get(path).text)
        process.http.post("/try/mode/critical/down")
        answers.append(process.until("/health/ready", 503).text)
        process.signal()
        process.exit_code()
        yield process


@pytest.mark.rule("LOG001", "LOG003")
def test_every_line_is_json_on_standard_output(ended: Process) -> None:
    """From the server's first line to its last, access lines and tracebacks included."""
    loggers = {str(line["logger"]) for line in ended.records()}
    assert {"app.main", "app.lifecycle", "uvicorn.error", "uvicorn.access", "service"} <= loggers
    assert [line for line in ended.records() if not {"time", "level", "logger", "message"} <= line.keys()] == []
    assert "RuntimeError: boom" in [str(line.get("exception")).splitlines()[-1] for line in ended.records()]
    assert ended.errors == []


@pytest.mark.rule("ENV007")
def test_no_line_and_no_answer_holds_a_part_of_a_secret(ended: Process, answers: list[str]) -> None:
    """Not even where an error quotes all of them, nor where a probe fails with one."""
    assert "RuntimeError: refused" in str(ended.output)
    assert leaked(str(ended.output) + str(answers)) == []


@pytest.mark.rule("LOG004")
def test_a_higher_level_leaves_the_server_s_lines_out() -> None:
    """LOG_LEVEL counts for uvicorn too."""
    with Process("fixtures.service", {"LOG_LEVEL": "ERROR", "DRAIN_SECONDS": 0}) as process:
        process.until("/health/ready", 200)
        process.http.get("/try/item/1")
        process.http.get("/try/boom")
        process.signal()
        process.exit_code()
        assert [line["message"] for line in process.records()] == ["request failed"]


@pytest.mark.rule("LOG002", "OWN021")
def test_no_file_is_opened_for_writing(tmp_path: Path) -> None:
    """From the import to the exit of the real app: no log, no cache, no temporary file."""
    (tmp_path / "sitecustomize.py").write_text(TRACER)
    with Process("app", {"DRAIN_SECONDS": 0.2, "PYTHONDONTWRITEBYTECODE": "1"}, before=tmp_path) as process:
        process.until("/health/live", 200)
        process.until("/health/ready", 503)
        process.http.post("/orders", json={})
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
