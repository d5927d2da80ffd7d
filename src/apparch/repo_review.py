"""The same rules as a plugin of repo-review: a check for each rule that a repository alone can break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from apparch.assess import Options, assess
from apparch.catalogue import Rule, load_catalogue
from apparch.checks import judges
from apparch.links import DOCS_URL, neutral_url
from apparch.repository import Bounds, Repository
from apparch.repository.safe_text import printable

Answered = bool | str | None
"""As repo-review wants it: kept, what is wrong, or skipped."""


@dataclass(frozen=True)
class RuleCheck:
    """One rule, as repo-review wants a check."""

    rule: Rule

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return self.rule.title.en.replace("{", "{{").replace("}", "}}")

    @property
    def family(self) -> str:
        """The rule's family."""
        return f"apparch-{self.rule.id[:3]}"

    @property
    def url(self) -> str:
        """The rule's page."""
        return neutral_url(DOCS_URL, self.rule.id)

    def check(self, apparch_answers: Mapping[str, Answered]) -> Answered:
        """Nothing where the rule does not apply or cannot be told, else whether it is kept, and where it is not."""
        return apparch_answers.get(self.rule.id)


def apparch_answers(root: Traversable) -> dict[str, Answered]:
    """The fixture that the checks share: the answer of every rule that has one."""
    repository = Repository(root) if isinstance(root, Path) else Repository.of(dict(_files(root)))
    report = assess(repository, Options())
    found: dict[str, Answered] = {each.rule: True for each in report.standings if each.outcome in ("kept", "broken")}
    for rule in dict.fromkeys(each.finding.rule for each in report.new):
        broken = [each.finding for each in report.new if each.finding.rule == rule]
        lines = [f"- `{each.place}` {printable(each.message.en)}" for each in broken]
        found[rule] = "\n".join([*lines, "", report.rules[rule].repair.en])
    return found


def checks() -> dict[str, RuleCheck]:
    """A check for each rule that has a judge, by its ID."""
    rules = load_catalogue().rules
    return {name: RuleCheck(rules[name]) for name in judges(rules)}


def families() -> dict[str, dict[str, str | int]]:
    """The families' titles."""
    return {
        f"apparch-{family.id}": {"name": f"apparch: {family.title.en}", "order": 100}
        for family in load_catalogue().families
    }


def _files(folder: Traversable, prefix: str = "", left: int = Bounds.depth) -> Iterator[tuple[str, bytes]]:
    for each in folder.iterdir():
        if each.is_dir() and left:
            yield from _files(each, f"{prefix}{each.name}/", left - 1)
        elif each.is_file():
            yield f"{prefix}{each.name}", each.read_bytes()
