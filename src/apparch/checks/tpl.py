"""The judges of the family TPL: what an App repo keeps of its template."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.repo import AppRepo
from apparch.app.variables import examples_of
from apparch.checks._shared import finding
from apparch.finding import Answer
from apparch.repository import Node, Place, Problem
from apparch.repository.dotenv import parse_dotenv
from apparch.repository.json_file import parse_json
from apparch.repository.toml_file import parse_toml_nodes
from apparch.repository.yaml_file import parse_yaml

_WORDS = (
    {"string", "integer", "number", "boolean"},
    {"required", "optional"},
    {"plain", "secret"},
    {"configmap", "secret"},
)


def tpl001(app: AppRepo) -> Iterator[Answer]:
    """The template and its version are recorded."""
    incomplete: Place | None = None
    for node, keys in _records(app):
        if not node.present:
            continue
        missing = [key for key in keys if not node.at(key).text]
        if not missing:
            return
        incomplete = incomplete or node.place
    if incomplete:
        yield finding("TPL001", incomplete, "템플릿이나 그 버전이 빠져 있다", "the template or its version is missing")
    else:
        yield finding(
            "TPL001", app.home, "어느 템플릿의 어느 버전인지 적혀 있지 않다", "no template and version is recorded"
        )


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


def _records(app: AppRepo) -> Iterator[tuple[Node, tuple[str, str]]]:
    if app.has("pyproject.toml"):
        tables = app.repository.parsed("pyproject.toml", parse_toml_nodes)
        if not isinstance(tables, Problem):
            yield tables.at("tool", "apparch"), ("template", "version")
    for path in app.repository.matching("/.copier-answers*.yml", "/.copier-answers*.yaml"):
        documents = app.repository.parsed(path, parse_yaml)
        if not isinstance(documents, Problem) and documents:
            yield documents[0], ("_src_path", "_commit")
    for path, within, keys in (
        (".cruft.json", (), ("template", "commit")),
        ("package.json", ("apparch",), ("template", "version")),
    ):
        node = app.repository.parsed(path, parse_json) if app.has(path) else None
        if isinstance(node, Node):
            yield node.at(*within), keys
