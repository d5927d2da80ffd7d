"""Whether an image is put out as a command that people run on their own files, and not as a service."""

from __future__ import annotations

import re

from apparch.app.dockerfiles import final
from apparch.kinds.sources import glance
from apparch.repository import Problem, Repository
from apparch.repository.dockerfile import parse_dockerfile
from apparch.repository.programs import program
from apparch.repository.stages import effective, lineage, stages

_HELP = frozenset({"--help", "-h", "help"})
_MANIFESTS = ("pyproject.toml", "setup.cfg", "setup.py")
_OF_A_CONSOLE = re.compile(r"Environment :: Console")
_OF_A_SERVICE = re.compile(r"Environment :: (No Input/Output|Web)|Framework :: (Django|Flask|FastAPI|AsyncIO|Celery)")
_WORKS = re.compile(r"(^|[-_.])(\w*d|serve\w*|worker|consumer|daemon|agent|bot|exporter|operator|gateway|proxy)$")
"""What a program is called that stays running."""


def are_commands(repository: Repository, dockerfiles: list[str]) -> bool:
    """Whether all of some Dockerfiles start the package's own command, with nothing to do unless it is told.

    An image without a port whose command is given only a call for help says so itself; of one that is given nothing,
    the package must say that it is for a console, since what takes its work from a queue is started so as well.
    """
    return bool(dockerfiles) and all(_is_command(repository, path) for path in dockerfiles)


def _is_command(repository: Repository, path: str) -> bool:
    instructions = repository.parsed(path, parse_dockerfile)
    found = () if isinstance(instructions, Problem) else stages(instructions)
    if not found:
        return False
    last = final(found)
    entry, given = effective(found, last, "ENTRYPOINT"), effective(found, last, "CMD")
    if entry is None or any(each.all("EXPOSE") or each.all("HEALTHCHECK") for each in lineage(found, last)):
        return False
    run = program(entry.exec_form or entry.argument.split())
    words = list(given.exec_form or given.argument.split()) if given else []
    if run.arguments or _WORKS.search(run.name):
        return False
    return _HELP.issuperset(words) if words else _is_of_a_console(repository, run.name)


def _is_of_a_console(repository: Repository, name: str) -> bool:
    """Whether the package at the root says that it is for a console, and that the program is its own."""
    own = re.compile(rf"^[ \t]*[\"']?{re.escape(name)}[\"']?\s*=", re.MULTILINE)
    texts = [glance(repository, each) for each in _MANIFESTS]
    said = any(_OF_A_CONSOLE.search(each) for each in texts) and not any(_OF_A_SERVICE.search(each) for each in texts)
    return said and any(own.search(each) for each in texts)
