"""The settings: what the service reads from its environment, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

MARGIN_SECONDS = 5
"""What the shutdown budget leaves free, for the kubelet and for a slow machine."""


def _is_url(value: str, schemes: set[str]) -> bool:
    """Whether it is a URL of one of these schemes; the parser's own errors quote the value, so they stay here."""
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname or parts.path) and parts.port != 0
    except ValueError:
        return False


def _exchange(value: str) -> str:
    if not _is_url(value, {"http", "https"}) or not urlsplit(value).hostname:
        raise ValueError("must be an http or https URL")
    return value.rstrip("/")


def _redis(value: SecretStr) -> SecretStr:
    if not _is_url(value.get_secret_value(), {"redis", "rediss", "unix"}):
        raise ValueError("must be a redis, rediss or unix URL")
    return value


Text = Annotated[str, Field(min_length=1)]
Secret = Annotated[SecretStr, Field(min_length=1)]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
Timeout = Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)]


# --8<-- [start:settings]
class Budget(BaseModel):
    """The seconds that a stop may take (App document 6.2)."""

    model_config = ConfigDict(frozen=True, alias_generator=str.upper, populate_by_name=True, hide_input_in_errors=True)

    prestop_seconds: Seconds = Field(5, description="Length of the preStop sleep, which runs before SIGTERM")
    drain_seconds: Seconds = Field(5, description="Time to keep serving after SIGTERM; longer than endpoint removal")
    request_seconds: Seconds = Field(10, gt=0, description="Deadline of one request")
    cleanup_seconds: Seconds = Field(5, description="Time to close connections in")
    grace_seconds: Seconds = Field(60, description="terminationGracePeriodSeconds of the pod")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        needed = self.prestop_seconds + self.drain_seconds + self.request_seconds + self.cleanup_seconds
        if needed + MARGIN_SECONDS > self.grace_seconds:
            raise ValueError(
                f"PRESTOP + DRAIN + REQUEST + CLEANUP + {MARGIN_SECONDS} = {needed + MARGIN_SECONDS:g} seconds"
                f" exceed GRACE_SECONDS = {self.grace_seconds:g}"
            )
        return self


class Settings(Budget):
    """Every variable of the service: no default means required, `SecretStr` means secret (App document 5.2)."""

    db_host: Text = Field(description="PostgreSQL host")
    db_port: Port = Field(5432, description="PostgreSQL port")
    db_name: Text = Field(description="PostgreSQL database")
    db_user: Text = Field(description="PostgreSQL user")
    db_password: Secret = Field(description="PostgreSQL password")
    redis_url: Annotated[Secret, AfterValidator(_redis)] = Field(description="Redis URL, which may hold a password")
    api_endpoint: Annotated[Text, AfterValidator(_exchange)] = Field(description="Base URL of the exchange")
    api_key: Secret = Field(description="Key that signs calls to the exchange")
    service_port: Port = Field(8080, description="Port the service listens on")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        "INFO", description="Least level: DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )
    log_format: Literal["json", "text"] = Field(
        "json", description="json for machines, text for a developer's terminal"
    )
    probe_timeout_seconds: Timeout = Field(1, description="Limit of one dependency check; below the probe's timeout")
    probe_ttl_seconds: Seconds = Field(1, description="How long probes share one result")
    # --8<-- [end:settings]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that no line of output may contain, the password inside `REDIS_URL` included."""
        values = [value.get_secret_value() for value in vars(self).values() if isinstance(value, SecretStr)]
        password = urlsplit(self.redis_url.get_secret_value()).password or ""
        return tuple({*values, password, unquote(password)} - {""})


# --8<-- [start:load]
class ConfigurationError(Exception):
    """The environment is not usable; `problems` maps each key to what is wrong, never to its value."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(sorted(problems.items()))
        listed = "; ".join(f"{key}: {problem}" for key, problem in self.problems.items())
        super().__init__(f"{len(self.problems)} configuration problem(s): {listed}")


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from the environment, or raise one `ConfigurationError` that lists every problem."""
    names = [str(field.alias) for field in Settings.model_fields.values()]
    given = {name: environ[name] for name in names if name in environ}
    problems = {name: "is empty" for name, value in given.items() if not value.strip()}
    filled = {name: value for name, value in given.items() if name not in problems}
    # The budget is judged on its own too: a missing password must not hide that it does not fit.
    for model in (Budget, Settings):
        try:
            model.model_validate(filled)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_context=False, include_input=False):
                key = str(each["loc"][0]) if each["loc"] else "GRACE_SECONDS"
                problems.setdefault(key, "is missing" if each["type"] == "missing" else _reason(each["msg"]))
    if problems:
        raise ConfigurationError(problems)
    return Settings.model_validate(filled)


# --8<-- [end:load]


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")
