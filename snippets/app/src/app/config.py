"""The settings: what the service reads from its environment, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

MARGIN_SECONDS = 5
"""What the shutdown budget leaves free, for the kubelet and for a slow machine."""

OF_THE_SYSTEM = re.compile(r"PATH|TZ|LANG|LC_\w+|PYTHON\w+")
"""Variables that the interpreter needs; whoever sets them means the process, not the app."""


def _is_url(value: str, schemes: set[str]) -> bool:
    """Whether it is a URL of one of these schemes; the parser's own errors quote the value, so they stay here."""
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname or parts.path) and parts.port != 0
    except ValueError:
        return False


def _one_line(value: str) -> str:
    """The commonest mistake with a Secret is a newline at its end, and it shows only when the value is used."""
    if not value.isprintable() or value != value.strip():
        raise ValueError("has a line break, a control character, or a space at one of its ends")
    return value


def _ascii(value: str) -> str:
    """What becomes part of a header or a URL."""
    if not value.isascii():
        raise ValueError("has a character that is not ASCII")
    return _one_line(value)


def _host(value: str) -> str:
    """A name that can be looked up, or the directory of a socket."""
    try:
        value.startswith("/") or value.encode("idna")
    except UnicodeError:
        raise ValueError("is no host name") from None
    return _one_line(value)


def _secret(value: SecretStr) -> SecretStr:
    _one_line(value.get_secret_value())
    return value


def _key(value: SecretStr) -> SecretStr:
    _ascii(value.get_secret_value())
    return value


def _plain(value: object) -> object:
    """Only digits: `8_080`, `+8080` and full-width digits are numbers to Python, and to nothing else."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        raise ValueError("must be a number in plain digits")
    return value


def _whole(value: object) -> object:
    if isinstance(value, str) and "." in value:
        raise ValueError("must be a whole number")
    return _plain(value)


def _exchange(value: str) -> str:
    _ascii(value)
    if not _is_url(value, {"http", "https"}) or not _host(urlsplit(value).hostname or ".."):
        raise ValueError("must be an http or https URL")
    return value.rstrip("/")


def _redis(value: SecretStr) -> SecretStr:
    _key(value)
    if not _is_url(value.get_secret_value(), {"redis", "rediss", "unix"}):
        raise ValueError("must be a redis, rediss or unix URL")
    return value


Text = Annotated[str, Field(min_length=1), AfterValidator(_one_line)]
Secret = Annotated[SecretStr, Field(min_length=1), AfterValidator(_secret)]
Port = Annotated[int, Field(ge=1, le=65535), BeforeValidator(_whole)]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False), BeforeValidator(_plain)]
Timeout = Annotated[float, Field(gt=0, le=60, allow_inf_nan=False), BeforeValidator(_plain)]


# --8<-- [start:settings]
class Budget(BaseModel):
    """The seconds that a stop may take (App document 6.2)."""

    model_config = ConfigDict(frozen=True, alias_generator=str.upper, populate_by_name=True, hide_input_in_errors=True)

    prestop_seconds: Seconds = Field(5, description="Length of the preStop sleep, which runs before SIGTERM")
    drain_seconds: Seconds = Field(5, description="Time to keep serving after SIGTERM; longer than endpoint removal")
    request_seconds: Seconds = Field(10, gt=0, description="Deadline of one request")
    cleanup_seconds: Seconds = Field(5, description="Time to close connections in")
    grace_seconds: Seconds = Field(60, description="terminationGracePeriodSeconds of the pod")

    @property
    def needed_seconds(self) -> float:
        """What a stop takes at most, the margin included."""
        steps = self.prestop_seconds + self.drain_seconds + self.request_seconds + self.cleanup_seconds
        return steps + MARGIN_SECONDS

    @property
    def linger_seconds(self) -> float:
        """How long an idle connection outlives the drain: as long as that again, where the grace period has room."""
        return min(self.drain_seconds, self.grace_seconds - self.needed_seconds)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.needed_seconds > self.grace_seconds:
            raise ValueError(
                f"PRESTOP + DRAIN + REQUEST + CLEANUP + {MARGIN_SECONDS} = {self.needed_seconds:g} seconds"
                f" exceed GRACE_SECONDS = {self.grace_seconds:g}"
            )
        return self


class Settings(Budget):
    """Every variable of the service: no default means required, `SecretStr` means secret (App document 5.2)."""

    db_host: Annotated[Text, AfterValidator(_host)] = Field(description="PostgreSQL host")
    db_port: Port = Field(5432, description="PostgreSQL port")
    db_name: Text = Field(description="PostgreSQL database")
    db_user: Text = Field(description="PostgreSQL user")
    db_password: Secret = Field(description="PostgreSQL password")
    redis_url: Annotated[Secret, AfterValidator(_redis)] = Field(description="Redis URL, which may hold a password")
    api_endpoint: Annotated[Text, AfterValidator(_exchange)] = Field(description="Base URL of the exchange")
    api_key: Annotated[Secret, AfterValidator(_key)] = Field(description="Key that signs calls to the exchange")
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


# --8<-- [start:undeclared]
def drop_undeclared(environ: MutableMapping[str, str]) -> None:
    """Remove what the schema does not declare: libraries obey variables (a proxy, a TLS mode) that nobody here set."""
    declared = {str(field.alias) for field in Settings.model_fields.values()}
    for name in set(environ) - declared:
        if not OF_THE_SYSTEM.fullmatch(name):
            del environ[name]


# --8<-- [end:undeclared]


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")
