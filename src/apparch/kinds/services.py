"""What runs as a service though nothing builds an image of it: signs are weighed, package by package."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from apparch.catalogue.model import Text
from apparch.kinds import node_packages
from apparch.kinds.model import App, Evidence
from apparch.kinds.sources import entries_first, glance, home, homes, is_for_tools, is_workspace
from apparch.repository import Place, Problem, Repository
from apparch.repository.path_names import ending
from apparch.repository.roles import role
from apparch.repository.yaml_file import parse_yaml

ENOUGH = 2
"""The weight from which a directory is taken for an app."""
LONGEST = 100_000
"""Characters of a file that are looked at: what starts a service stands near the top."""
MOST = 2_000
"""So many files are looked into, those first whose names are those of entry points."""
_LOOKED_INTO = frozenset(
    str.split("""
    .py .go .rs .java .kt .scala .groovy .js .mjs .cjs .ts .mts .rb .php .cs .csproj .fsproj .exs .toml .json .xml
    .gradle .kts .service .in .wsgi .ru .cfg .yaml .gemspec
    """)
) | {""}
_ASKED: Mapping[str, Callable[[str], bool]] = {
    "serves": node_packages.serves,
    "is_web_app": node_packages.is_web_app,
    "is_library": node_packages.is_library,
    "is_desktop": node_packages.is_desktop,
}


@dataclass(frozen=True)
class Held:
    """What a text has."""

    pattern: re.Pattern[str]
    words: tuple[str, ...]
    """One of these stands in every text that the pattern fits; none where nobody said which."""

    def first(self, text: str) -> re.Match[str] | None:
        """Where the text has it first."""
        if self.words and not any(each in text for each in self.words):
            return None
        return self.pattern.search(text)


@dataclass(frozen=True)
class Sign:
    """One thing that tells a service, or that tells against one."""

    path: re.Pattern[str]
    """Of whole paths."""
    weight: int
    """Below zero, it is something else that holds the like."""
    says: Text
    holds: tuple[Held, ...]
    """What the file's text has, all of it."""
    beside: tuple[str, ...]
    """Files of which one must be there, relative to the file's folder."""
    asks: Callable[[str], bool] | None
    """Of the file's text, where patterns do not tell."""
    roles: frozenset[str]


def services(repository: Repository) -> list[App]:
    """The directories in which enough tells a service, each with its signs, the heaviest first."""
    return [
        App(directory, tuple(_shown(found)))
        for directory, found in sorted(_weighed(repository).items())
        if sum(sign.weight for sign in found) >= ENOUGH
    ]


def hints(repository: Repository) -> list[Evidence]:
    """What tells a service, be it enough or not."""
    return [each for found in _weighed(repository).values() for each in _shown(found)]


def _shown(found: Mapping[Sign, Place]) -> list[Evidence]:
    told = sorted((each for each in found.items() if each[0].weight > 0), key=lambda each: -each[0].weight)
    return list({place: Evidence(place, sign.says) for sign, place in reversed(told)}.values())[::-1]


@cache
def _signs() -> tuple[Sign, ...]:
    documents = parse_yaml((files("apparch.kinds") / "services.yaml").read_text("utf-8"), "services.yaml")
    assert not isinstance(documents, Problem), documents
    table: Any = documents[0].plain
    return tuple(_sign(each, table["patterns"]) for each in table["signs"])


def _sign(given: Mapping[str, Any], patterns: Mapping[str, Mapping[str, Any]]) -> Sign:
    def held(text: str) -> Held:
        named = [key for key in patterns if f"{{{key}}}" in text]
        for key in named:
            text = text.replace(f"{{{key}}}", f"(?:{patterns[key]['is']})")
        return Held(re.compile(text, re.MULTILINE), tuple(word for key in named for word in patterns[key]["words"]))

    return Sign(
        re.compile(given["path"]),
        given["weight"],
        Text(ko=given["ko"], en=given["en"]),
        tuple(map(held, given.get("holds", ()))),
        tuple(given.get("beside", ())),
        _ASKED.get(given.get("asks", "")),
        frozenset(given.get("roles", ("product",))),
    )


def _weighed(repository: Repository) -> dict[str, dict[Sign, Place]]:
    """The signs by the directory of the package that they are of, each with the first place that has it."""
    known = repository.memo(services)
    if "" not in known:
        whole = "" in homes(repository) and not is_workspace(repository)
        found: dict[str, dict[Sign, Place]] = {}
        for path in _candidates(repository):
            for sign, place in _told(repository, path):
                found.setdefault("" if whole else home(repository, path), {}).setdefault(sign, place)
        known[""] = found
    weights: dict[str, dict[Sign, Place]] = known[""]
    return weights


def _candidates(repository: Repository) -> list[str]:
    found = [path for path in repository.files if ending(path) in _LOOKED_INTO and not is_for_tools(path)]
    return entries_first(found)[:MOST]


def _told(repository: Repository, path: str) -> Iterator[tuple[Sign, Place]]:
    own, text = role(path), ""
    for sign in _signs():
        if own not in sign.roles or not sign.path.fullmatch(path):
            continue
        text = text or (glance(repository, path)[:LONGEST] if sign.holds or sign.asks else "")
        matches: list[re.Match[str]] = []
        for each in sign.holds:
            if (match := each.first(text)) is None:
                break
            matches.append(match)
        if (
            len(matches) < len(sign.holds)
            or (sign.asks and not sign.asks(text))
            or not _is_beside(repository, path, sign)
        ):
            continue
        line = max((text.count("\n", 0, match.start()) + 1 for match in matches), default=1)
        yield sign, Place(path, line)


def _is_beside(repository: Repository, path: str, sign: Sign) -> bool:
    folder = path.rpartition("/")[0]
    wanted = tuple(f"{folder}/{each}".lstrip("/") for each in sign.beside)
    return not wanted or any(each.startswith(wanted) for each in repository.files)
