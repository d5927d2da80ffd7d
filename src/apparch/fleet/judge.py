"""What one repository shows by itself, and what two show together; nothing of either is run, imported or fetched."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass, replace

from apparch.app.template_record import TemplateRecord, read_template_record
from apparch.assess import Options, assess
from apparch.catalogue.model import Text
from apparch.contract import compare
from apparch.divergence import Declared, read_declared
from apparch.fleet.model import (
    Contract,
    Count,
    Declined,
    Diverged,
    Entry,
    KindOfRepo,
    Row,
    TemplateState,
    Waived,
)
from apparch.fleet.since import since
from apparch.kinds import Kinds, kinds_of
from apparch.repository import Problem, Repository
from apparch.repository.safe_text import printable
from apparch.template.versions import Versions, number
from apparch.waivers import read_waivers


@dataclass(frozen=True)
class Measure:
    """What every repository is measured by."""

    versions: Versions
    today: datetime.date
    url: str = ""
    """Of the template that the versions are of; a record of another one is unknown. Empty believes any."""


def judged(entry: Entry, by: Measure) -> Row:
    """The row of one repository, without its contracts; whatever goes wrong with it is the row's reason."""
    try:
        reason = _absent(entry)
        return Row(entry.name, printable(entry.place), unread=reason) if reason else _judged(entry, by)
    except Exception as error:  # one repository is never the end of the run
        return failed(entry, f"{type(error).__name__}: {error}")


def compared(one: Entry, other: Entry) -> Contract:
    """What the comparison of two repositories came to; its partner is the second."""
    try:
        return _compared(one, other)
    except Exception as error:  # as above
        reason = printable(f"{type(error).__name__}: {error}")
        return Contract(other.name, "unknown", reason=Text(ko=f"도구가 실패했다: {reason}", en=f"failed: {reason}"))


def failed(entry: Entry, reason: str) -> Row:
    """The row of a repository over which the tool itself failed."""
    told = printable(reason)
    return Row(
        entry.name, printable(entry.place), unread=Text(ko=f"도구가 실패했다: {told}", en=f"the tool failed: {told}")
    )


def _absent(entry: Entry) -> Text | None:
    if entry.folder is None:
        return Text(ko="체크아웃이 없다: --checkouts로 알린다", en="not checked out; --checkouts names the folder")
    if entry.folder.is_dir():
        if any(entry.folder.iterdir()):
            return None
        return Text(ko="폴더가 비어 있다", en="the folder is empty")
    told = printable(str(entry.folder))
    return Text(ko=f"{told}: 그런 폴더가 없다", en=f"there is no folder {told}")


def _judged(entry: Entry, by: Measure) -> Row:
    assert entry.folder is not None
    repository = Repository(entry.folder)
    options = Options(kind=entry.kind, app_dirs=(entry.app_dir,) if entry.app_dir else (), today=by.today)
    report = assess(repository, options, entry.name)
    new, waived = Counter[str](), Counter[str]()
    for each in report.results:
        (waived if each.state == "waived" else new)[each.finding.rule] += 1
    kinds = {each.kind for each in report.parts}
    kind: KindOfRepo = "neither" if not kinds else "both" if len(kinds) > 1 else "app" if "app" in kinds else "deploy"
    return Row(
        entry.name,
        printable(entry.place),
        kind=kind,
        counts=tuple(
            Count(rule, report.rules[rule].level, new[rule], waived[rule]) for rule in sorted({*new, *waived})
        ),
        waivers=tuple(
            Waived(each.rule, printable(each.path), printable(each.owner), printable(each.reason), each.until)
            for each in sorted(read_waivers(repository)[0], key=lambda each: (each.until, each.rule, each.path))
        ),
        template=template_state(repository, kind, by),
    )


def template_state(repository: Repository, kind: KindOfRepo, by: Measure) -> TemplateState:
    """What the record says of the template, and how far that is from the newest version."""
    record = read_template_record(repository)
    if record is None:
        return TemplateState("none")
    if isinstance(record, Problem):
        told = printable(f"{record.place}: {record.message}")
        return TemplateState("unknown", reason=Text(ko=f"기록을 읽을 수 없다: {told}", en=told))
    content = repository.content(record.place.path)
    day = since(repository.root, record.place.path, content) if isinstance(content, bytes) else None
    declared = read_declared(repository)[0]
    recorded = TemplateState(
        "unknown",
        printable(record.source),
        printable(record.version or record.commit),
        diverged=tuple(
            Diverged(printable(each.file), printable(each.reason), each.until) for each in declared.diverges
        ),
        declined=_declined(declared, by),
        since=day,
    )
    return _measured(record, recorded, kind, by)


def _declined(declared: Declared, by: Measure) -> tuple[Declined, ...]:
    """What it declines of the changes that it may decline; any other declaration is a finding."""
    changes = {change.id: change for each in by.versions.all for change in each.changes}
    return tuple(Declined(name, printable(each.reason)) for name, each in declared.declined(changes).items())


def _measured(record: TemplateRecord, recorded: TemplateState, kind: KindOfRepo, by: Measure) -> TemplateState:
    if by.url and _address(record.source) != _address(by.url):
        return replace(recorded, reason=Text(ko="다른 템플릿에서 왔다", en="it is from another template"))
    if not record.version:
        return replace(
            recorded, reason=Text(ko="기록한 것이 버전이 아니다", en="what it records is not the tag of a version")
        )
    if number(record.version) > number(by.versions.newest.version):
        return replace(recorded, state="ahead")
    if by.versions.find(record.version) is None:
        return replace(recorded, reason=Text(ko="템플릿에 그런 버전이 없다", en="the template has no such version"))
    of = record.kind or kind
    changes = by.versions.behind(record.version, kind=of if of in ("app", "deploy") else "both")
    between = len(by.versions.between(record.version))
    declined = {each.change for each in recorded.declined}
    return replace(
        recorded,
        state="behind" if between else "current",
        versions=between,
        must=tuple(each.id for each in changes if each.level == "must"),
        may=tuple(each.id for each in changes if each.level == "may" and each.id not in declined),
    )


def _address(url: str) -> str:
    return url.rstrip("/").removesuffix(".git").casefold()


def _compared(one: Entry, other: Entry) -> Contract:
    for each in (one, other):
        if _absent(each) or each.folder is None:
            told = printable(each.name)
            reason = Text(ko=f"{told}의 파일이 없다", en=f"the files of {told} are not there")
            return Contract(other.name, "unknown", reason=reason)
    sides = [(each, Repository(each.folder)) for each in dict.fromkeys((one, other)) if each.folder]
    kinds = {each.name: _kinds(each, repository) for each, repository in sides}
    apps = [side for side in sides if kinds[side[0].name].of("app")]
    deploys = [side for side in sides if kinds[side[0].name].of("deploy")]
    pair = next(((app, deploy) for app in apps for deploy in deploys if len(sides) == 1 or app is not deploy), None)
    if pair is None:
        reason = Text(ko="App 레포와 Deploy 레포의 짝이 아니다", en="the two are not an App repo and a Deploy repo")
        return Contract(other.name, "unknown", reason=reason)
    (app, app_repository), (deploy, deploy_repository) = pair
    directories = [each.directory for each in kinds[app.name].of("app")]
    if len(directories) > 1:
        told = printable(app.name)
        reason = Text(
            ko=f"{told}에 앱이 여럿이다: app_dir로 고른다", en=f"{told} holds several apps; choose one with app_dir"
        )
        return Contract(other.name, "unknown", reason=reason)
    below = deploy_repository.below(kinds[deploy.name].of("deploy")[0].directory)
    result = compare(app_repository, below, app_dir=directories[0], overlays=deploy.overlays)
    rules = Counter(each.rule for each in result.findings)
    if not result.overlays and not rules:
        reason = Text(ko="견줄 환경이 없다", en="there is no environment to compare")
        return Contract(other.name, "unknown", reason=reason)
    return Contract(other.name, "breaks" if rules else "holds", sum(rules.values()), dict(sorted(rules.items())))


def _kinds(entry: Entry, repository: Repository) -> Kinds:
    return kinds_of(repository, entry.kind, (entry.app_dir,) if entry.app_dir else ())
