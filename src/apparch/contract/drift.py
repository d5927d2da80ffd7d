"""What an App repository promises now beside the contract that its last image published (App document 5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apparch.app.published import PublishedSide, as_json, exported
from apparch.app.side import AppSide
from apparch.contract.model import Judgement, app
from apparch.repository import Node, Place
from apparch.repository.json_file import parse_json

RULE = "OWN025"


def judge(side: AppSide, published: PublishedSide, text: str, path: str) -> Iterator[Judgement]:
    """Judge every promise: whatever was added, withdrawn or changed is something that Deploy has to follow."""
    for problem in (*side.problems, *published.problems):
        yield Judgement(RULE, "readable", (app(problem.place, "not read"),), problem.message)
    before = parse_json(text, path)
    if published.problems or not isinstance(before, Node):
        return
    now = parse_json(as_json(exported(side)), path)
    assert isinstance(now, Node)
    old, new = dict(_leaves(before)), dict(_leaves(now))
    for subject in dict.fromkeys((*old, *new)):
        yield _judged(subject, old.get(subject), new.get(subject), side.home, before.place)


def _judged(subject: str, old: Node | None, new: Node | None, home: Place, top: Place) -> Judgement:
    was, now = _said(old), _said(new)
    sides = (app(home, now), app(old.place if old else top, was))
    if was == now:
        return Judgement(RULE, subject, sides)
    told = f"the published contract says {was} and the app now says {now}: Deploy has to follow before it runs this"
    return Judgement(RULE, subject, sides, told)


def _leaves(node: Node, subject: str = "") -> Iterator[tuple[str, Node]]:
    """Each promise by its name; of the variables, each by the variable's."""
    if isinstance(node.value, dict) and node.value:
        for key, below in node.items():
            if subject or key != "version":
                yield from _leaves(below, f"{subject}.{key}".lstrip("."))
    elif subject == "variables":
        for each in node.elements():
            yield from _leaves(each, f"variables.{each.at('name')}")
    else:
        yield subject, node


def _said(node: Node | None) -> str:
    if node is None:
        return "nothing"
    plain: Any = node.plain
    if isinstance(plain, list):
        return ", ".join(map(str, plain)) or "none"
    return "nothing" if plain is None else "none" if isinstance(plain, Mapping) else str(node)
