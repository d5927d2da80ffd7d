"""The configuration: the settings, read from the environment and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping

from pydantic import ValidationError

from app.budget import Budget
from app.settings import Settings

OF_THE_SYSTEM = re.compile(r"PATH|TZ|LANG|LC_\w+|PYTHON\w+")
"""Variables that the interpreter needs; whoever sets them means the process, not the app."""


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
