"""What a repository declares to keep otherwise than its template, in `config/apparch.yaml` beside the waivers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from apparch.catalogue.model import Text
from apparch.finding import Finding
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.yaml_file import parse_yaml
from apparch.waivers import FILE, fault, last_day, wrong_keys

RULE = "TPL002"
"""The rule whose findings at a declared file are accepted."""


@dataclass(frozen=True)
class Divergence:
    """A file of the template that the repository keeps as its own until a day; an update leaves it as it is."""

    file: str
    """Its path from the repository's root."""
    reason: str
    until: datetime.date
    """The last day that it holds."""
    place: Place

    @property
    def told(self) -> str:
        """Reason and end in one line."""
        return f"{self.reason} (diverges until {self.until.isoformat()})"


@dataclass(frozen=True)
class Decline:
    """A change of the template that the repository does without, which it may."""

    change: str
    """The change's id in the template's versions.yaml."""
    reason: str
    place: Place

    @property
    def told(self) -> str:
        """Change and reason in one line."""
        return f"{self.reason} (declines {self.change})"


class Offered(Protocol):
    """What has to be known of a change of the template."""

    @property
    def level(self) -> str:
        """`must` or `may`."""

    @property
    def files(self) -> Sequence[str]:
        """The files that it changes."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version that brought it, in numbers."""


@dataclass(frozen=True)
class Declared:
    """Everything that a repository declares."""

    diverges: tuple[Divergence, ...] = ()
    declines: tuple[Decline, ...] = ()

    def keeps(self, today: datetime.date) -> dict[str, Divergence]:
        """The divergences that hold today, by file."""
        return {each.file: each for each in self.diverges if each.until >= today}

    def accepts(self, path: str, offered: Mapping[str, Offered], today: datetime.date) -> str | None:
        """Why a file may differ from the template today; None where it may not.

        The files of a declined change are those of the part that the template made, wherever that lies.
        """
        diverges = self.keeps(today).get(path)
        if diverges:
            return diverges.told
        declined = self.declined(offered)
        found = (each for change, each in declined.items() if _among(path, offered[change].files))
        return next((each.told for each in found), None)

    def declined(self, offered: Mapping[str, Offered]) -> dict[str, Decline]:
        """The declines of changes that may be declined, by change."""
        return {
            each.change: each
            for each in self.declines
            if each.change in offered and offered[each.change].level == "may"
        }


def read_declared(repository: Repository) -> tuple[Declared, list[Finding]]:
    """What is declared, and what is wrong with entries that cannot be taken; the file as a whole is the waivers'."""
    documents = repository.parsed(FILE, parse_yaml) if repository.has(FILE) else ()
    if isinstance(documents, Problem):
        return Declared(), []
    found: list[Divergence | Decline | Finding] = []
    for document in documents[:1]:
        found += [_divergence(entry) for entry in document.at("diverges").elements()]
        found += [_decline(entry) for entry in document.at("declines").elements()]
    declared = Declared(
        tuple(each for each in found if isinstance(each, Divergence)),
        tuple(each for each in found if isinstance(each, Decline)),
    )
    return declared, [each for each in found if isinstance(each, Finding)]


def faults(
    declared: Declared,
    *,
    used: Collection[str] | None,
    files: Collection[str],
    offered: Mapping[str, Offered] | None,
    version: tuple[int, ...] = (),
    today: datetime.date,
) -> Iterator[Finding]:
    """Declarations that should not stand there: over, of a file or change that is not there, or of nothing.

    Args:
        declared: What is declared.
        used: The files that were found to differ from the template; None where that could not be judged.
        files: The files of the repository.
        offered: The changes of the template by their id; None where the template is not known.
        version: The version that the repository records, in numbers.
        today: The day.
    """
    for each in declared.diverges:
        if each.until < today:
            day = each.until.isoformat()
            yield fault(
                each.place,
                f"{each.file}의 차이는 {day}에 끝났다: 템플릿대로 되돌리거나 새로 정한다",
                f"the divergence of {each.file} ended on {day}; go back to the template's or decide anew",
            )
        elif each.file not in files and each.file not in (used or ()):
            yield fault(
                each.place,
                f"없는 파일이다: {each.file}. 루트에서부터 적는다",
                f"there is no file {each.file}; write it from the repository's root",
            )
        elif used is not None and each.file not in used:
            yield fault(
                each.place,
                f"템플릿과 다르지 않은 파일이다: {each.file}. 선언을 지운다",
                f"{each.file} does not differ from the template; remove the declaration",
            )
    for refusal in declared.declines if offered is not None else ():
        change = (offered or {}).get(refusal.change)
        if change is None:
            yield fault(
                refusal.place,
                f"템플릿에 없는 변경이다: {refusal.change}",
                f"the template has no change {refusal.change}",
            )
        elif change.level == "must":
            yield fault(
                refusal.place,
                f"따라야 하는 변경이라 사양할 수 없다: {refusal.change}. 파일의 차이는 diverges에 기한과 함께 적는다",
                f"{refusal.change} must be followed; a file that differs is declared under diverges, until a day",
            )
        elif used is not None and change.numbers <= version and not any(_among(path, change.files) for path in used):
            yield fault(
                refusal.place,
                f"이미 받은 변경이다: {refusal.change}. 선언을 지운다",
                f"{refusal.change} is there all the same; remove the declaration",
            )


def _among(path: str, files: Sequence[str]) -> bool:
    return any(path == file or path.endswith(f"/{file}") for file in files)


def _divergence(entry: Node) -> Divergence | Finding:
    wrong = wrong_keys(entry, ("file", "reason", "until"), (), Text(ko="선언한 차이", en="divergence"))
    if wrong:
        return wrong
    file, until = str(entry.at("file").plain), last_day(entry)
    if isinstance(until, Finding):
        return until
    if re.search(r"\\|^[A-Za-z]:|^/|(^|/)\.\.?(/|$)|[*?\[]", file):
        return fault(
            entry.at("file").place,
            f"파일 {file}: 루트에서부터 / 로 나누어 한 파일을 적는다",
            f"the file {file} must be one path with slashes, from the repository's root on",
        )
    return Divergence(file, str(entry.at("reason").plain), until, entry.place)


def _decline(entry: Node) -> Decline | Finding:
    wrong = wrong_keys(entry, ("change", "reason"), (), Text(ko="사양", en="decline"))
    return wrong or Decline(str(entry.at("change").plain), str(entry.at("reason").plain), entry.place)
