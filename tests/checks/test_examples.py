"""Each judge finds what its rule's bad trees hold and nothing else, and nothing in its good ones."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checks.examples import RULES, Example, announced, examples, found, judged_as, tree

from apparch.catalogue import load_catalogue
from apparch.checks import judges
from apparch.repository import Repository

EXAMPLES = examples()
BASES = ["app", "go", "node", "deploy"]


def _marked(kind: str) -> list[Any]:
    """The examples of a kind, each a proof of its rule."""
    return [
        pytest.param(each, id=str(each), marks=pytest.mark.rule(each.rule))
        for each in EXAMPLES
        if each.name.partition("-")[0] == kind
    ]


JUDGED = judges(load_catalogue().rules)


@pytest.mark.parametrize("example", _marked("bad"))
def test_a_bad_tree_breaks_its_rule_and_no_other(example: Example) -> None:
    """The findings are those that the example announces, at their lines, and at their ranges where it has them."""
    assert announced(found(tree(example), kind=judged_as(example)), example) == [
        (example.rule, each) for each in example.finds
    ]


@pytest.mark.parametrize("example", _marked("good"))
def test_a_good_tree_breaks_nothing(example: Example) -> None:
    """There is no finding of any rule."""
    assert found(tree(example), kind=judged_as(example)) == []


@pytest.mark.parametrize("base", BASES)
def test_the_bases_break_nothing(base: str) -> None:
    """What the examples stand on is clean by itself."""
    files = {
        path.relative_to(RULES / base).as_posix(): path.read_bytes()
        for path in (RULES / base).rglob("*")
        if path.is_file()
    }
    assert found(Repository.of(files)) == []


@pytest.mark.parametrize("rule", JUDGED)
def test_every_judged_rule_has_a_bad_and_a_good_tree(rule: str) -> None:
    """Both are there."""
    names = {each.name.partition("-")[0] for each in EXAMPLES if each.rule == rule}
    assert names == {"bad", "good"}
