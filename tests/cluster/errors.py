"""The errors that an API server answers with, each with its Kubernetes Status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

Status = dict[str, Any]


@dataclass(frozen=True)
class Cause:
    """One thing that is wrong with an object: where, of which kind (FieldValueInvalid, ...), and what."""

    reason: str
    message: str
    field: str

    def data(self) -> dict[str, str]:
        """The cause as a Status holds it."""
        return {"reason": self.reason, "message": self.message, "field": self.field}


class ApiError(Exception):
    """An answer other than success; subclasses set the HTTP code and the reason."""

    code: ClassVar[int] = 500
    reason: ClassVar[str] = "InternalError"

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        """`details` name the object; an answer may have none at all, or empty ones."""
        super().__init__(message)
        self.message = message
        self.details = details

    def status(self) -> Status:
        """The body of the answer."""
        status: Status = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        }
        return status | ({"details": self.details} if self.details is not None else {})


class BadRequest(ApiError):
    """The request cannot be read."""

    code, reason = 400, "BadRequest"


class Unauthorized(ApiError):
    """Nobody is named by the request."""

    code, reason = 401, "Unauthorized"


class Forbidden(ApiError):
    """The request is understood and refused."""

    code, reason = 403, "Forbidden"


class NotFound(ApiError):
    """There is no such object."""

    code, reason = 404, "NotFound"


class MethodNotAllowed(ApiError):
    """The resource does not know the verb."""

    code, reason = 405, "MethodNotAllowed"


class NotAcceptable(ApiError):
    """None of the forms that the client asks for can be written."""

    code, reason = 406, "NotAcceptable"


class AlreadyExists(ApiError):
    """An object of that name is there."""

    code, reason = 409, "AlreadyExists"


class Conflict(ApiError):
    """The object is no longer what the client saw, or another manager owns a field."""

    code, reason = 409, "Conflict"


class Expired(ApiError):
    """The resource version asked for is no longer kept."""

    code, reason = 410, "Expired"


class UnsupportedMediaType(ApiError):
    """The body is in a form that is not read."""

    code, reason = 415, "UnsupportedMediaType"


class Invalid(ApiError):
    """The object breaks the rules of its kind."""

    code, reason = 422, "Invalid"


class TooManyRequests(ApiError):
    """The request may succeed later."""

    code, reason = 429, "TooManyRequests"


def details(group: str, kind: str, name: str | None) -> dict[str, Any]:
    """What a Status names: the resource or kind, its group, and the object."""
    found = {"name": name, "group": group, "kind": kind}
    return {key: value for key, value in found.items() if value}


def qualified(group: str, plural: str) -> str:
    """A resource as messages name it: `deployments.apps`, `pods`."""
    return f"{plural}.{group}" if group else plural


def not_found(group: str, plural: str, name: str) -> NotFound:
    """No object of that name."""
    return NotFound(f'{qualified(group, plural)} "{name}" not found', details(group, plural, name))


def already_exists(group: str, plural: str, name: str) -> AlreadyExists:
    """The name is taken."""
    return AlreadyExists(f'{qualified(group, plural)} "{name}" already exists', details(group, plural, name))


def conflict(group: str, plural: str, name: str, why: str) -> Conflict:
    """The object has changed in the meantime, or a precondition does not hold."""
    return Conflict(
        f'Operation cannot be fulfilled on {qualified(group, plural)} "{name}": {why}', details(group, plural, name)
    )


def forbidden(group: str, plural: str, name: str | None, why: str) -> Forbidden:
    """Refused by admission or authorization."""
    named = f' "{name}"' if name else ""
    return Forbidden(f"{qualified(group, plural)}{named} is forbidden: {why}", details(group, plural, name))


def invalid(group: str, kind: str, name: str, causes: Sequence[Cause]) -> Invalid:
    """The object breaks rules of its kind; the message lists each once, in their order."""
    problems = _unique(f"{cause.field}: {cause.message}" for cause in causes)
    text = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
    named = details(group, kind, name) | {"causes": [cause.data() for cause in causes]}
    return Invalid(f'{qualified(group, kind)} "{name}" is invalid: {text}', named)


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
