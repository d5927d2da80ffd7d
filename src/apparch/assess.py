"""One run over a repository: its parts found, its rules judged, waivers, baseline and changed lines applied."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from apparch import divergence
from apparch.app.template_record import TemplateRecord, read_template_record
from apparch.catalogue import Catalogue, Rule, load_catalogue
from apparch.catalogue.model import Language, Level, Text
from apparch.checks.run import Standing, judge_all
from apparch.checks.whole import whole
from apparch.finding import Finding
from apparch.kinds import Kind, kinds_of
from apparch.links import DOCS_URL, neutral_url
from apparch.report.model import PartText, Report, Result, RuleText, State
from apparch.repository import Problem, Repository
from apparch.repository.roles import role
from apparch.waivers import WAIVER, Waiver, faults, read_waivers, waived_by

LEVELS: tuple[Level, ...] = ("MUST", "SHOULD", "MAY")
_CONTENTS = (".crt", ".cer", ".der", ".p12", ".pfx", ".jks", ".key", ".bin", ".dat", ".dump", ".po", ".csv", ".log")
_NOT_OURS = frozenset({"test", "example", "template", "vendored", "generated"})
"""Roles of files that may be broken on purpose, or are made by others."""
_TEMPLATE_NAME = re.compile(r"[.](tmpl|tpl|j2|jinja2?|erb|in|mustache|hbs|template|m4)$|[.](tmpl|tpl|j2|erb|in)[.]\w+$")
_TEMPLATE = re.compile(
    r"^[ \t]*(\{\{|\{%|<%)|:[ \t]+\{\{|\{\{-?\s*(if|range|with|end|include|template|define|for)\b", re.MULTILINE
)
"""A line that begins with an action of a template, or an action that no value of YAML would be."""
UNREADABLE = "UNREADABLE"
"""Stands in a finding for a rule where a file could not be read."""
_WAIVER_TEXT = Text(
    ko="면제는 쓰이고, 아직 유효하고, 지금의 규칙에 대한 것이어야 한다",
    en="A waiver is used, still holds, and is about the rule of today",
)
_UNREADABLE_TEXT = Text(ko="파일을 읽을 수 있어야 한다", en="A file can be read")


@dataclass(frozen=True)
class Options:
    """What is judged, and what is left out of what is told."""

    kind: Kind | None = None
    """Believed instead of found; None finds it."""
    app_dirs: tuple[str, ...] = ()
    deploy_dirs: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    """Rules or families that are judged; empty means all."""
    ignore: tuple[str, ...] = ()
    """Rules or families that are not."""
    level: Level = "MAY"
    """The lowest level that is judged."""
    waivers: bool = True
    baseline: frozenset[str] | None = None
    """Fingerprints that were known before."""
    changed: Mapping[str, frozenset[int]] | None = None
    """Where given, only findings on these lines are told, by file."""
    today: datetime.date = field(default_factory=datetime.date.today)
    url: str = DOCS_URL
    language: Language = "en"
    progress: Callable[[str], None] = lambda _: None


def assess(repository: Repository, options: Options | None = None, name: str = "") -> Report:
    """Judge a repository. Its files are read and nothing else: what cannot be read is a finding."""
    options = options or Options()
    catalogue = load_catalogue()
    kinds = kinds_of(repository, options.kind, options.app_dirs, options.deploy_dirs)
    opened = whole(repository, kinds)
    findings, standings = judge_all(opened, catalogue, _selection(options), options.progress)
    waivers, wrong = read_waivers(repository) if options.waivers else ([], [])
    used: list[Waiver] = []
    states: dict[Finding, tuple[State, str]] = {}
    for each in findings:
        waiver = waived_by(each, [known for known in waivers if known.until >= options.today])
        if waiver:
            used.append(waiver)
            states[each] = ("waived", waiver.told)
    if not options.select and not options.ignore:
        wrong += faults(waivers, used, catalogue.rules, options.today)
    if options.waivers:
        accepted, undeclarable = _declared(repository, findings, standings, options)
        states = accepted | states
        wrong += undeclarable
    findings += [*wrong, *_unread(repository)]
    prints = _fingerprints(repository, findings)
    results = [
        _result(repository, each, prints[each], states.get(each), options.baseline)
        for each in sorted(findings, key=lambda each: (each.place, each.rule))
    ]
    if options.changed is not None:
        results = [each for each in results if _on_changed(each.finding, options.changed)]
    named = {each.finding.rule for each in results} | {each.rule for each in standings}
    return Report(
        name=name,
        parts=tuple(
            PartText(
                each.kind,
                each.directory,
                str(each.evidence[0].place),
                tuple((str(one.place), one.says) for one in each.evidence),
            )
            for each in kinds.parts
        ),
        results=tuple(results),
        standings=tuple(standings),
        rules=_texts(catalogue, named, options.url),
        families={family.id: family.title for family in catalogue.families},
        gone=tuple(sorted((options.baseline or frozenset()) - {each.fingerprint for each in results})),
        neither=kinds.neither,
        language=options.language,
    )


def check(path: str | Path, options: Options | None = None) -> Report:
    """Judge the repository in a folder.

    Raises:
        NotADirectoryError: there is no such folder.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise NotADirectoryError(f"{path} is no folder")
    return assess(Repository(folder), options, folder.resolve().name)


def _declared(
    repository: Repository, findings: Iterable[Finding], standings: Iterable[Standing], options: Options
) -> tuple[dict[Finding, tuple[State, str]], list[Finding]]:
    """The differences from the template that the repository declares, and what is wrong with its declarations."""
    declared, wrong = divergence.read_declared(repository)
    differing = [each for each in findings if each.rule == divergence.RULE]
    offered, version = _offered(repository) if declared.declines else (None, ())
    why = {each: declared.accepts(each.place.path, offered or {}, options.today) for each in differing}
    accepted: dict[Finding, tuple[State, str]] = {each: ("waived", told) for each, told in why.items() if told}
    if not options.select and not options.ignore:
        judged = any(each.rule == divergence.RULE and each.outcome in ("kept", "broken") for each in standings)
        used = {each.place.path for each in differing} if judged else None
        files = frozenset(repository.files)
        wrong += divergence.faults(
            declared, used=used, files=files, offered=offered, version=version, today=options.today
        )
    return accepted, wrong


def _offered(repository: Repository) -> tuple[dict[str, divergence.Offered] | None, tuple[int, ...]]:
    """The changes of the template that the repository was made from, and the version it records.

    None for the changes where it is not the template that is carried here.
    """
    from apparch.template import SOURCE
    from apparch.template.versions import number, read_versions

    record = read_template_record(repository)
    if not isinstance(record, TemplateRecord) or record.source != SOURCE:
        return None, ()
    changes = {change.id: change for version in read_versions().all for change in version.changes}
    return {**changes}, number(record.version) if record.version else ()


def _selection(options: Options) -> Callable[[Rule], bool]:
    levels = LEVELS[: LEVELS.index(options.level) + 1]

    def selected(rule: Rule) -> bool:
        names = (rule.id, rule.id[:3])
        wanted = not options.select or any(each in names for each in options.select)
        return wanted and rule.level in levels and not any(each in names for each in options.ignore)

    return selected


def _unread(repository: Repository) -> list[Finding]:
    """A file that a judge wanted to read and could not."""
    return [
        Finding(UNREADABLE, each.place, Text(ko=f"읽을 수 없다: {each.message}", en=each.message))
        for each in repository.unread()
        if not (each.message.startswith(("larger than", "not UTF-8")) and _is_no_source(each.place.path))
        and not (each.message.startswith("not readable as JSON") and _has_comments(repository, each.place.path))
        and not each.message.startswith("the tag !")
        and not (each.place.path.startswith(".") and "stands twice" in each.message and not _is_githubs(each))
        and role(each.place.path) not in _NOT_OURS
        and not _is_template(repository, each.place.path)
    ]


def _is_githubs(problem: Problem) -> bool:
    """Whether it is in what GitHub reads; other services take files that YAML forbids."""
    return problem.place.path.startswith(".github/")


def _is_template(repository: Repository, path: str) -> bool:
    """Whether a file is written for a template engine, which makes of it what is meant."""
    is_yaml = path.endswith((".yaml", ".yml")) and not path.startswith(".github/")
    text = repository.text(path) if is_yaml else ""
    return _TEMPLATE_NAME.search(path) is not None or (isinstance(text, str) and _TEMPLATE.search(text) is not None)


def _has_comments(repository: Repository, path: str) -> bool:
    """Whether a file begins with a comment, so that it is of a dialect which its own readers know."""
    text = repository.text(path)
    return isinstance(text, str) and text.lstrip().startswith(("//", "/*", "#"))


def _is_no_source(path: str) -> bool:
    """Whether a file is one that nobody writes as a text, or that only documents: it may be large or no text."""
    return role(path) in ("docs", "vendored", "generated") or path.lower().endswith(_CONTENTS)


def _fingerprints(repository: Repository, findings: Sequence[Finding]) -> dict[Finding, str]:
    """Each finding's identity: rule, file and the text at fault, counted where a file has the same text twice."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found: dict[Finding, str] = {}
    for each in sorted(findings, key=lambda each: (each.place, each.rule)):
        text = " ".join(_line(repository, each).split()) or each.message.en
        key = (each.rule, each.place.path, text)
        seen[key] += 1
        found[each] = hashlib.sha256(os.fsencode("\n".join((*key, str(seen[key]))))).hexdigest()[:20]
    return found


def _line(repository: Repository, finding: Finding) -> str:
    text = repository.text(finding.place.path) if repository.has(finding.place.path) else ""
    lines = text.splitlines() if isinstance(text, str) else []
    return lines[finding.place.line - 1] if 0 < finding.place.line <= len(lines) else ""


def _result(
    repository: Repository,
    finding: Finding,
    fingerprint: str,
    state: tuple[State, str] | None,
    baseline: frozenset[str] | None,
) -> Result:
    excerpt = "" if finding.secret else _line(repository, finding)
    if state is None and baseline is not None and fingerprint in baseline:
        state = ("baselined", "")
    return Result(finding, fingerprint, *(state or ("new", "")), excerpt)


def _on_changed(finding: Finding, changed: Mapping[str, frozenset[int]]) -> bool:
    lines = changed.get(finding.place.path, frozenset())
    last = max(finding.place.line, finding.place.end_line)
    return any(line in lines for line in range(finding.place.line, last + 1))


def _texts(catalogue: Catalogue, named: Iterable[str], url: str) -> dict[str, RuleText]:
    own = {
        name: RuleText(name, "MUST", text, text, text, text, f"{url.rstrip('/')}/reference/check/")
        for name, text in ((WAIVER, _WAIVER_TEXT), (UNREADABLE, _UNREADABLE_TEXT))
    }
    found: dict[str, RuleText] = {}
    for name in sorted(named):
        rule = catalogue.rules.get(name)
        found[name] = (
            RuleText(name, rule.level, rule.title, rule.statement, rule.reason, rule.repair, neutral_url(url, name))
            if rule
            else own[name]
        )
    return found
