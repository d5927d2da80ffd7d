"""The log: one JSON object a line on standard output, whoever logs and whatever is logged."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from app import logs
from fixtures.environment import PASSWORDS, leaked

PASSWORD = PASSWORDS[0]
URL = f"redis://:{PASSWORD}@h"
SECRETS = [PASSWORD, URL, ""]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The loggers as they were before; nothing of an earlier configuration is left for a test to rely on."""
    hook, handlers, level = sys.excepthook, logging.root.handlers[:], logging.root.level
    logging.captureWarnings(False)
    logging.getLogger("audit").setLevel(logging.NOTSET)
    yield
    logging.captureWarnings(False)
    sys.excepthook, logging.root.handlers = hook, handlers
    logging.root.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What went to standard output, with nothing on standard error."""
    captured = capsys.readouterr()
    assert captured.err == ""
    return [json.loads(line) for line in captured.out.splitlines()]


@pytest.mark.rule("LOG001", "LOG003")
@pytest.mark.parametrize(
    "name", ["app", "uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio", "asyncpg"]
)
def test_each_logger_writes_one_json_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The server's and the libraries' records are no exception."""
    logging.getLogger("uvicorn").addHandler(logging.StreamHandler(sys.stderr))
    logs.configure("INFO", "json")
    logging.getLogger(name).warning("two\nlines %s", "é", extra={"order_id": 7})
    (line,) = lines(capsys)
    assert datetime.fromisoformat(line["time"]).utcoffset() is not None
    told = {"level": "WARNING", "logger": name, "message": "two\nlines é", "order_id": 7}
    assert {key: line.get(key) for key in told} == told


@pytest.mark.rule("LOG003")
def test_an_exception_stands_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A traceback does not break the line."""
    logs.configure("INFO", "json")
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("app").exception("failed")
    (line,) = lines(capsys)
    assert (line["message"], line["exception"].splitlines()[-1]) == ("failed", "ValueError: no")


@pytest.mark.rule("LOG003")
def test_warnings_and_uncaught_exceptions_are_lines_too(capsys: pytest.CaptureFixture[str]) -> None:
    """What Python itself would print to standard error."""
    logs.configure("INFO", "json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    error = KeyError("gone")
    sys.excepthook(KeyError, error, None)
    first, second = lines(capsys)
    assert (first["logger"], second["level"], second["message"]) == ("py.warnings", "CRITICAL", "uncaught exception")
    assert (second["logger"], second["exception"]) == ("app", "KeyError: 'gone'")


def test_a_line_can_be_read_by_people_too(capsys: pytest.CaptureFixture[str]) -> None:
    """What every line has comes first, and letters beyond ASCII stay letters."""
    logs.configure("INFO", "json")
    logging.getLogger("app").info("Zürich", extra={"order_id": 7})
    written = capsys.readouterr().out
    assert list(json.loads(written)) == ["time", "level", "logger", "message", "order_id"]
    assert "Zürich" in written


@pytest.mark.rule("LOG003")
def test_a_field_cannot_take_the_place_of_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    """A clash of names does not falsify the record."""
    logs.configure("INFO", "json")
    logging.getLogger("app").info("x", extra={"level": "fine", "time": 0, "other": object})
    (line,) = lines(capsys)
    assert (line["level"], line["time"] != 0, line["other"]) == ("INFO", True, "<class 'object'>")


@pytest.mark.rule("LOG004")
@pytest.mark.parametrize(("level", "shown"), [("DEBUG", 3), ("INFO", 2), ("ERROR", 1), ("CRITICAL", 0)])
def test_the_level_is_obeyed_by_app_and_server(level: str, shown: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Less important records are not written."""
    logs.configure(level, "json")
    for name in ("app", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.debug("d")
        logger.info("i")
        logger.error("e")
    assert len(lines(capsys)) == 2 * shown


@pytest.mark.rule("TRD004")
def test_the_audit_trail_is_logged_at_any_level(capsys: pytest.CaptureFixture[str]) -> None:
    """A quiet log does not make a gap in the audit trail."""
    logs.configure("CRITICAL", "json")
    logging.getLogger("audit").info("placed", extra={"order_id": "17"})
    (line,) = lines(capsys)
    del line["time"]
    assert line == {
        "level": "INFO", "logger": "audit", "message": "placed", "order_id": "17",
    }  # fmt: skip


@pytest.mark.rule("ENV007")
def test_a_secret_is_hidden_wherever_it_appears(capsys: pytest.CaptureFixture[str]) -> None:
    """In the message, its arguments, nested fields, other objects and tracebacks; the longest text first."""
    logs.configure("INFO", "json", secrets=[*SECRETS, 'quo"te'])
    try:
        raise OSError(f'cannot reach {URL} with quo"te')
    except OSError as error:
        logging.getLogger("app").exception(
            "login as %s", PASSWORD, extra={"deep": {"list": [PASSWORD, error, 1, None, True]}, "n": 201}
        )
    (line,) = lines(capsys)
    assert leaked(json.dumps(line)) == []
    mask = line["message"].removeprefix("login as ")
    said = f"cannot reach {mask} with {mask}"
    assert (line["n"], line["deep"]["list"]) == (201, [mask, said, 1, None, True])
    assert line["exception"].endswith(f"OSError: {said}")


def test_text_is_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_FORMAT=text writes plain lines, to standard output as well."""
    logs.configure("INFO", "text")
    logging.getLogger("app").info("hello")
    captured = capsys.readouterr()
    assert captured.out.rstrip().endswith("INFO     app: hello")


@pytest.mark.rule("ENV007")
def test_a_terminal_shows_no_secret_either(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in the message nor in a traceback."""
    logs.configure("INFO", "text", secrets=SECRETS)
    try:
        raise OSError(f"cannot reach {URL}")
    except OSError:
        logging.getLogger("app").exception("login as %s", PASSWORD)
    first, *_, last = capsys.readouterr().out.splitlines()
    assert leaked(first + last) == []
    assert last == f"OSError: cannot reach {first.partition('login as ')[2]}"


def let_through(flood: logs.Flood, *said: str, name: str = "app", level: int = logging.WARNING) -> list[str]:
    """Those of some messages that are written, as they are written."""
    records = [logging.LogRecord(name, level, "", 0, each, None, None) for each in said]
    return [record.getMessage() for record in records if flood.filter(record)]


def test_what_comes_again_and_again_is_written_a_few_times_and_says_that_it_ends() -> None:
    """Other words are counted apart, and after the window it begins anew."""
    now = [100.0]
    flood = logs.Flood(most=2, seconds=10, clock=lambda: now[0])
    last = "full (and no more of these for up to 10 s)"
    assert let_through(flood, "full", "full", "other", "full", "full") == ["full", last, "other"]
    now[0] += 9.9
    assert let_through(flood, "full") == []
    now[0] += 0.1
    assert let_through(flood, "full") == ["full"]


@pytest.mark.parametrize(("name", "level"), [("app", logging.INFO), ("audit", logging.WARNING)])
def test_what_is_no_warning_and_what_is_audited_is_always_written(name: str, level: int) -> None:
    """However often."""
    assert let_through(logs.Flood(most=1), *["sold"] * 3, name=name, level=level) == ["sold"] * 3
