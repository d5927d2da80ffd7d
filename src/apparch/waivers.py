"""Waivers: findings that an owner accepts until a day, with the reason, in `config/apparch.yaml`."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apparch.catalogue import Rule
from apparch.catalogue.model import Text
from apparch.finding import Finding
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.patterns import fits
from apparch.repository.yaml_file import parse_yaml

FILE = "config/apparch.yaml"
WAIVER = "WAIVER"
"""Stands in a finding for a rule where the waiver itself is at fault: unknown, unused, expired, outdated."""
SECTIONS = ("waivers", "diverges", "declines")
"""What the file may hold; the last two are `apparch.divergence`'s."""
_NEEDED = ("rule", "path", "owner", "reason", "until")


@dataclass(frozen=True)
class Waiver:
    """One accepted breach."""

    rule: str
    path: str
    """A pattern as in .gitignore, from the repository's root."""
    owner: str
    reason: str
    until: datetime.date
    """The last day that it holds."""
    digest: str
    """Of the rule's statement when it was accepted; empty until `apparch waive` has filled it in."""
    place: Place

    @property
    def told(self) -> str:
        """Reason, owner and end in one line."""
        return f"{self.reason} ({self.owner}, until {self.until.isoformat()})"


def digest(rule: Rule) -> str:
    """A short digest of what a rule demands, in the language it is written in; it changes when the demand does."""
    return hashlib.sha256(" ".join(rule.statement.ko.split()).encode()).hexdigest()[:12]


def read_waivers(repository: Repository) -> tuple[list[Waiver], list[Finding]]:
    """The waivers of a repository, and what is wrong with those that cannot be taken."""
    if not repository.has(FILE):
        return [], []
    documents = repository.parsed(FILE, parse_yaml)
    if isinstance(documents, Problem):
        return [], [fault(documents.place, documents.message, documents.message)]
    found: list[Waiver] = []
    faults: list[Finding] = []
    for document in documents[:1]:
        if not isinstance(document.value, dict):
            faults.append(fault(document.place, "맨 위는 매핑이어야 한다", "the top must be a mapping"))
        for key, _ in document.items():
            if key not in SECTIONS:
                known = ", ".join(SECTIONS)
                told = f"unknown key {key}; there are {known}"
                faults.append(fault(document.key(key), f"모르는 키 {key}. 있는 키는 {known}", told))
        for entry in document.at("waivers").elements():
            each = _waiver(entry)
            if isinstance(each, Waiver):
                found.append(each)
            else:
                faults.append(each)
    return found, faults


def _waiver(entry: Node) -> Waiver | Finding:
    wrong = wrong_keys(entry, _NEEDED, ("digest",), Text(ko="면제", en="waiver"))
    if wrong:
        return wrong
    plain: Any = entry.plain
    until = last_day(entry)
    if isinstance(until, Finding):
        return until
    if re.search(r"\\\w|^[A-Za-z]:", str(plain["path"])):
        return fault(
            entry.at("path").place,
            f"경로 {plain['path']}: 레포의 루트에서부터 / 로 나누어 적는다",
            f"the path {plain['path']} has slashes, from the repository's root on, on every system",
        )
    texts = {key: str(plain[key]) for key in ("rule", "path", "owner", "reason")}
    return Waiver(**texts, until=until, digest=str(plain.get("digest") or ""), place=entry.place)


def wrong_keys(entry: Node, needed: Sequence[str], more: Sequence[str], what: Text) -> Finding | None:
    """What is wrong with the keys of an entry of the file; None where they are those that it needs and may have."""
    plain: Any = entry.plain
    if not isinstance(plain, Mapping):
        return fault(entry.place, f"{what.ko}마다 매핑이 있어야 한다", f"each {what.en} must be a mapping")
    missing = [key for key in needed if not plain.get(key)]
    unknown = sorted(map(str, plain.keys() - {*needed, *more}))
    if missing:
        listed = ", ".join(missing)
        return fault(entry.place, f"{what.ko}에 {listed}가 없다", f"the {what.en} lacks {listed}")
    if unknown:
        listed = ", ".join(unknown)
        return fault(entry.place, f"모르는 키 {listed}", f"unknown keys {listed}")
    return None


def last_day(entry: Node) -> datetime.date | Finding:
    """The day that an entry's `until` names."""
    until = str(entry.at("until").plain)
    try:
        return datetime.date.fromisoformat(until)
    except ValueError:
        return fault(
            entry.at("until").place,
            f"until {until}은 날짜가 아니다: 2027-03-31처럼 적는다",
            f"until {until} is no date; write it like 2027-03-31",
        )


def waived_by(finding: Finding, waivers: Iterable[Waiver]) -> Waiver | None:
    """The waiver that accepts a finding, or None."""
    return next((each for each in waivers if each.rule == finding.rule and fits(each.path, finding.place.path)), None)


def faults(
    waivers: Iterable[Waiver], used: Iterable[Waiver], rules: Mapping[str, Rule], today: datetime.date
) -> Iterator[Finding]:
    """Waivers that should not stand there: of no rule, of nothing, over, or of another sentence than today's."""
    used = list(used)
    for each in waivers:
        rule = rules.get(each.rule)
        if rule is None:
            yield fault(each.place, f"{each.rule}이라는 규칙은 없다", f"{each.rule} is no rule")
        elif each.until < today:
            yield fault(
                each.place,
                f"{each.rule}의 면제는 {each.until.isoformat()}에 끝났다: 고치거나 새로 정한다",
                f"the waiver of {each.rule} ended on {each.until.isoformat()}; repair it or decide anew",
            )
        elif each not in used:
            yield fault(
                each.place,
                f"{each.rule}을 {each.path}에서 어기는 것이 없다: 면제를 지운다",
                f"nothing breaks {each.rule} at {each.path}; remove the waiver",
            )
        elif each.digest != digest(rule):
            ko = "규칙의 문장이 바뀌었다" if each.digest else "digest가 비어 있다"
            en = "the rule's sentence changed since" if each.digest else "its digest is empty"
            yield fault(
                each.place,
                f"{each.rule}의 면제: {ko}. 다시 읽고 apparch waive를 실행한다",
                f"the waiver of {each.rule}: {en}; read it again and run apparch waive",
            )


def added(text: str, rule: str, *, at: str, owner: str, reason: str, until: str, digest: str) -> str:
    """The file's text with one waiver more.

    Raises:
        ValueError: `until` is no date.
    """
    day = datetime.date.fromisoformat(until).isoformat()
    entry = {"rule": rule, "path": at, "owner": owner, "reason": reason, "until": day, "digest": digest}
    lines = [
        f"{key}: {day if key == 'until' else json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()
    ]
    shown = "".join(f"  {'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(lines))
    if not re.search(r"^waivers:", text, re.MULTILINE):
        return f"{text.rstrip()}\nwaivers:\n{shown}".lstrip()
    return re.sub(
        r"^waivers:[ \t]*(\[\][ \t]*)?$", lambda _: f"waivers:\n{shown.rstrip()}", text, count=1, flags=re.MULTILINE
    )


def filled(text: str, waivers: Iterable[Waiver], rules: Mapping[str, Rule]) -> str:
    """The file's text with every waiver's digest as its rule's statement has it today; comments stay."""
    lines = text.splitlines()
    for each in sorted(waivers, key=lambda each: each.place, reverse=True):
        if each.rule not in rules or each.digest == digest(rules[each.rule]):
            continue
        first = each.place.line - 1
        indent = " " * (each.place.column - 1)
        line = f'{indent}digest: "{digest(rules[each.rule])}"'
        rest = range(first + 1, len(lines))
        last = next((at for at in rest if lines[at].strip() and not lines[at].startswith(indent)), len(lines))
        old = next((at for at in range(first, last) if re.match(r"\s*(- )?digest:", lines[at])), None)
        if old is None:
            lines.insert(first + 1, line)
        elif old != first:
            lines[old] = line
    return "".join(f"{line}\n" for line in lines)


def fault(place: Place, ko: str, en: str) -> Finding:
    """A finding about the file itself."""
    return Finding(WAIVER, place, Text(ko=ko, en=en))
