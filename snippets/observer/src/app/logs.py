"""The log: one JSON object a line, on standard output, for every logger in the process."""

from __future__ import annotations

import json
import logging
import math
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from types import TracebackType

RESERVED = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
SERVER_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")


# --8<-- [start:json]
class JsonFormatter(logging.Formatter):
    """One record, one line: the fields given as `extra` stand beside time, level, logger and message."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__()
        self._secrets = longest_first(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; a value that JSON does not know (NaN too) is shown as its text, a secret as `***`."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        extra = {key: value for key, value in vars(record).items() if key not in RESERVED}
        line = {**extra, **line} if extra.keys() & line.keys() else {**line, **extra}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(self._hide(line), ensure_ascii=False)

    def _hide(self, value: object) -> object:
        if isinstance(value, dict):
            return {str(key): self._hide(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._hide(item) for item in value]
        if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        return hide(str(value), self._secrets)


def longest_first(secrets: Collection[str]) -> list[str]:
    """In the order to hide them: a password inside a URL must not leave the rest of the URL readable."""
    return sorted(filter(None, secrets), key=len, reverse=True)


def hide(text: str, secrets: Collection[str]) -> str:
    """The text with each secret as `***`, in the order given."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


# --8<-- [end:json]


# --8<-- [start:flood]
class Flood(logging.Filter):
    """Lets a warning or an error through so many times in a window, told apart by who says it and in which words.

    Whoever can cause one can cause thousands; the last that is written says so.
    """

    def __init__(self, most: int = 50, seconds: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._most, self._seconds, self._clock = most, seconds, clock
        self._begun = clock()
        self._seen: Counter[tuple[str, object]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is written; what is less than a warning always is, and so is the audit trail."""
        if record.levelno < logging.WARNING or record.name == "audit":
            return True
        if self._clock() - self._begun >= self._seconds:
            self._begun, self._seen = self._clock(), Counter()
        key = (record.name, str(record.msg)[:100])
        self._seen[key] += 1
        if self._seen[key] == self._most:
            record.msg = f"{record.msg} (and no more of these for up to {self._seconds:g} s)"
        return self._seen[key] <= self._most


# --8<-- [end:flood]


# --8<-- [start:configure]
class TextFormatter(logging.Formatter):
    """For a person at a terminal, who is shown no more secrets than the log store."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)-8s %(name)s: %(message)s")
        self._secrets = longest_first(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The record and what was raised, a secret as `***`."""
        return hide(super().format(record), self._secrets)


def configure(level: str, style: str, secrets: Collection[str] = ()) -> None:
    """Send everything to standard output: the root's records, the server's, warnings and what nobody caught."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(secrets) if style == "json" else TextFormatter(secrets))
    handler.addFilter(Flood())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in SERVER_LOGGERS:
        server = logging.getLogger(name)
        server.handlers, server.propagate = [], True
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = sys.unraisablehook = _uncaught_elsewhere
    # The audit trail has no gap, however quiet the rest is told to be.
    logging.getLogger("audit").setLevel(logging.INFO)


# --8<-- [end:configure]


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    logging.getLogger("app").critical("uncaught exception", exc_info=(kind, error or kind(), trace))


def _uncaught_elsewhere(caught: threading.ExceptHookArgs | sys.UnraisableHookArgs) -> None:
    if caught.exc_type is not SystemExit:  # how a thread ends itself
        _uncaught(caught.exc_type, caught.exc_value, caught.exc_traceback)
