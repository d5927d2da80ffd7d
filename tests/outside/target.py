"""What is known of an app from outside: how it starts, where it listens, which probes and requests it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Request:
    """A request that the app answers when all is well."""

    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    statuses: tuple[int, ...] = (200,)
    """What it may be answered with when all is well."""

    def as_bytes(self, *, connection: str = "keep-alive", host: str = "app") -> bytes:
        """The request as it goes over the wire."""
        body = self.body.encode()
        headers = {"Host": host, "Connection": connection, **self.headers}
        if body or self.method not in {"GET", "HEAD", "DELETE"}:
            headers["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{self.method} {self.path} HTTP/1.1\r\n{head}\r\n".encode() + body


@dataclass(frozen=True)
class Target:
    """An app as its container and its manifest describe it."""

    name: str
    command: tuple[str, ...]
    port_variable: str
    """The environment variable that tells the app its port."""
    directory: Path = Path()
    environment: Mapping[str, str] = field(default_factory=dict)
    live: str = "/health/live"
    ready: str = "/health/ready"
    startup: str = "/health/startup"
    start_seconds: float = 60.0
    """Within which it is to become ready."""
    grace_seconds: float = 30.0
    """From SIGTERM to SIGKILL, without the time of a preStop hook."""
    idle_seconds: float = 60.0
    """A client that sends half a request and then nothing is to be let go by then."""
    quick: Request = field(default_factory=Request)
    """A request that is answered at once."""
    slow: Request | None = None
    """A request that takes a second or more, if the app has one."""
    write: Request | None = None
    """A request with a JSON body, if the app takes one."""


def read_target(file: Path) -> Target:
    """A target from a YAML file, whose relative directory is seen from the file's own.

    Raises:
        ValueError: a key is unknown or missing; the message names it and the file.
    """
    try:
        data: Any = yaml.safe_load(file.read_text("utf-8"))
        requests: dict[str, Any] = {
            name: _request(data.pop(name)) for name in ("quick", "slow", "write") if name in data
        }
        directory = file.parent / data.pop("directory", ".")
        return Target(command=tuple(data.pop("command")), directory=directory, **data, **requests)
    except (AttributeError, KeyError, TypeError, yaml.YAMLError) as error:
        raise ValueError(f"{file}: is no target: {error}") from error


def _request(data: dict[str, Any]) -> Request:
    return Request(**{**data, "statuses": tuple(data.get("statuses", (200,)))})
