"""The judges of the family TPL: what an App repo keeps of its template."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.repo import AppRepo
from apparch.app.template_files import digest, owned_files
from apparch.app.template_record import FILE, SOURCE, TemplateRecord, read_template_record
from apparch.app.variables import examples_of
from apparch.catalogue.model import Text
from apparch.checks._shared import finding
from apparch.finding import Answer, Unknown
from apparch.repository import Place, Problem
from apparch.repository.dotenv import parse_dotenv

_WORDS = (
    {"string", "integer", "number", "boolean"},
    {"required", "optional"},
    {"plain", "secret"},
    {"configmap", "secret"},
)


def tpl001(app: AppRepo) -> Iterator[Answer]:
    """The template and its version are recorded, where the template's tools read them."""
    record = read_template_record(app.repository)
    if record is None and app.directory:
        # A template can have made the whole repository.
        record = read_template_record(app.root)
    if record is None:
        yield finding(
            "TPL001",
            app.absent(FILE),
            f"{FILE}이 없어 어느 템플릿의 어느 버전에서 왔는지 알 수 없다",
            f"there is no {FILE}, so nobody knows which version of which template it derives from",
        )
    elif isinstance(record, Problem):
        yield finding(
            "TPL001",
            record.place,
            f"템플릿이나 그 버전을 읽을 수 없다: {record.message}",
            f"the template or its version cannot be read: {record.message}",
        )


def tpl002(app: AppRepo) -> Iterator[Answer]:
    """What the template owns is as the template made it, where the template is ours."""
    record = read_template_record(app.repository)
    if not isinstance(record, TemplateRecord):
        return
    ours = record.source == SOURCE and record.kind == "app"
    owned = owned_files(record.version, record.answers) if ours else None
    if owned is None:
        reason = Text(
            ko=f"{record.source} {record.commit}의 파일을 여기서는 알 수 없다",
            en=f"the files of {record.source} {record.commit} are not known here",
        )
        yield Unknown("TPL002", record.place, reason)
        return
    for path, expected in sorted(owned.items()):
        place = Place(f"{app.repository.prefix}{path}", 1)
        if not app.has(path):
            yield finding("TPL002", place, "템플릿의 파일이 없다", "a file of the template is missing")
        elif isinstance(content := app.repository.content(path), bytes) and digest(content) != expected:
            yield finding("TPL002", place, "템플릿이 만든 것과 다르다", "it differs from what the template made")


def tpl004(app: AppRepo) -> Iterator[Answer]:
    """Each key of the list has the comment that the template prescribes."""
    for path in examples_of(app)[:1]:
        entries = app.root.parsed(path, parse_dotenv)
        wrong = [
            each
            for each in (() if isinstance(entries, Problem) else entries)
            if not all(set(re.findall(r"[a-z]+", each.comment.lower())) & words for words in _WORDS)
        ]
        if wrong:
            told = ", ".join(each.name for each in wrong[:5])
            yield finding(
                "TPL004",
                wrong[0].place,
                f"{told} 위의 주석이 템플릿의 형식이 아니다",
                f"the comment above {told} is not in the template's form",
            )
