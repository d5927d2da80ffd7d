"""The template that repositories are made from: its versions, and how a repository gets one or a newer one."""

from __future__ import annotations

from pathlib import Path

from apparch.app.template_record import SOURCE

__all__ = ["SOURCE", "TemplateError", "home"]


class TemplateError(Exception):
    """The template cannot be taken as it is; the message says what is wrong where."""


def home() -> Path:
    """The folder of the template: in the installed package, else in the checkout that this package runs from.

    Raises:
        TemplateError: neither holds one.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "files", package.parents[2] / "template"):
        if (folder / "versions.yaml").is_file():
            return folder
    raise TemplateError("this installation of apparch carries no template; install it again")
