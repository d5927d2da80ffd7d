"""What the running process writes: JSON lines on standard output, and nothing anywhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.environment import leaked
from fixtures.process import Process


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
        ("app", {"SERVICE_PORT": ""}),
        ("fixtures.service", {"FAKE_START": "fail"}),
    ],
)
def test_a_failure_is_told_as_json_on_standard_output(module: str, fault: dict[str, str]) -> None:
    """For its configuration, or for what it met."""
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
