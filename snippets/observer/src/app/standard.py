"""The variables that every service reads."""

from __future__ import annotations

from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr

from app.budget import Budget
from app.values import Port, Seconds, Timeout


# --8<-- [start:standard]
class StandardSettings(Budget):
    """Where the service listens, how it logs, how it is probed; what it is for adds its own (App document 5.2)."""

    service_port: Port = Field(8080, description="Port the service listens on")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        "INFO", description="Least level: DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )
    log_format: Literal["json", "text"] = Field(
        "json", description="json for machines, text for a developer's terminal"
    )
    probe_timeout_seconds: Timeout = Field(1, description="Limit of one dependency check; below the probe's timeout")
    probe_ttl_seconds: Seconds = Field(1, description="How long probes share one result")
    # --8<-- [end:standard]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that no line of output may contain, a password inside a URL included."""
        values = [value.get_secret_value() for value in vars(self).values() if isinstance(value, SecretStr)]
        passwords = [password for value in values if (password := _password(value))]
        return tuple({*values, *passwords, *map(unquote, passwords)})


def _password(value: str) -> str:
    try:
        return urlsplit(value).password or ""
    except ValueError:
        return ""
