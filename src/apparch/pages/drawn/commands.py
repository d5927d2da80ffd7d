"""The commands that a rule's page tells a reader to type in a repository of one's own."""

from __future__ import annotations

import shlex

from apparch.catalogue import Rule
from apparch.contract.model import LINKS
from apparch.pages.drawn.rule_examples import fenced, first_place
from apparch.pages.errors import PageError
from apparch.pages.written.site import Site

COMPARED = frozenset(rule for rules in LINKS.values() for rule in rules)
"""The rules that the comparison of two repositories judges."""
LAST_DAY = "2027-03-31"
"""The day in the command that waives, which a reader replaces like its owner and its reason."""


def render(words: str, site: Site) -> list[str]:
    """The block that stands for `check RULE`, `compare RULE` or `waive RULE`.

    Raises:
        PageError: there is no such command for the rule.
    """
    kind, _, name = words.partition(" ")
    rule, written = site.catalogue.rules.get(name), KINDS.get(kind)
    command = written(rule, site) if rule and written else None
    if not command:
        raise PageError(f"[[command: {words}]]: no such command; there are check, compare and waive of a judged rule")
    return fenced(command, "bash")[:-1]


def check(rule: Rule, site: Site) -> str | None:
    """What judges a repository by one rule; None where no tree can be judged by it."""
    return f"apparch check . --select {rule.id}" if rule.id in site.examples else None


def compare(rule: Rule, _: Site) -> str | None:
    """What compares an App repository with its Deploy repository; None where that says nothing of the rule."""
    return "apparch contract --app . --deploy ../deploy" if rule.id in COMPARED else None


def waive(rule: Rule, site: Site) -> str | None:
    """What accepts a finding of the rule for a while; None where nothing finds a breach."""
    examples = site.examples.get(rule.id)
    if not examples:
        return None
    place = first_place(next(each for each in examples if each.kind == "bad"))
    what = shlex.join(["apparch", "waive", ".", "--rule", rule.id, "--at", place])
    told = shlex.join(["--owner", "team-orders", "--reason", "why it has to wait", "--until", LAST_DAY])
    return f"{what} \\\n  {told}"


KINDS = {"check": check, "compare": compare, "waive": waive}
