"""The kinds of value that a variable can have, each with what it refuses."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr


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


def _web_address(value: str) -> str:
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


Host = Annotated[Text, AfterValidator(_host)]
WebAddress = Annotated[Text, AfterValidator(_web_address)]
Key = Annotated[Secret, AfterValidator(_key)]
RedisUrl = Annotated[Secret, AfterValidator(_redis)]
