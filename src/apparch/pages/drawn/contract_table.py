"""The contract as the site shows it: a table that is computed from the two reference repositories."""

from __future__ import annotations

from collections.abc import Sequence

from apparch.catalogue import Language, Text
from apparch.contract.compare import Comparison
from apparch.contract.model import LINKS, Judgement, Where

HEADER = (
    Text("연결", "Link"),
    Text("무엇을 견주나", "What is compared"),
    Text("App 쪽", "App side"),
    Text("Deploy 쪽", "Deploy side"),
    Text("환경", "Environment"),
    Text("규칙", "Rule"),
    Text("결과", "Result"),
)
TITLES = {
    "variables": Text("변수", "Variables"),
    "tag": Text("태그", "Tag"),
    "image": Text("이미지", "Image"),
    "migration": Text("마이그레이션", "Migration"),
    "port": Text("포트", "Port"),
    "probes": Text("프로브", "Probes"),
    "stop": Text("종료", "Stop"),
    "bounds": Text("상한", "Bounds"),
    "logs": Text("로그", "Logs"),
    "metrics": Text("메트릭", "Metrics"),
    "resources": Text("리소스와 레플리카 수", "Resources and replicas"),
    "selectors": Text("셀렉터", "Selectors"),
    "boundary": Text("경계", "Boundary"),
}
ALL = Text("모두", "all")
AGREES, DIFFERS = Text("일치", "agrees"), Text("불일치", "differs")


def header(language: Language) -> list[str]:
    """The cells of the table's first row."""
    return [text[language] for text in HEADER]


def rows(comparison: Comparison, language: Language, links: Sequence[str] = tuple(LINKS)) -> list[list[str]]:
    """The cells of every row, in Markdown: a row for each rule and subject, its places with what they say."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[Judgement]] = {}
    for each in comparison.judgements:
        if each.link in links:
            # Subjects that repeat themselves (a metric in six panels) share a row; environments that differ do not.
            key = (each.rule, each.subject, each.overlays)
            groups.setdefault(key, []).append(each)
    return [_row(group, comparison, language) for group in groups.values()]


def _row(group: Sequence[Judgement], comparison: Comparison, language: Language) -> list[str]:
    first = group[0]
    everywhere = not first.overlays or set(first.overlays) == set(comparison.overlays)
    result = DIFFERS if any(each.wrong for each in group) else AGREES
    return [
        TITLES[first.link][language],
        f"`{_code(first.subject)}`",
        _sides(group, "app"),
        _sides(group, "deploy"),
        ALL[language] if everywhere else ", ".join(first.overlays),
        first.rule,
        result[language],
    ]


def _sides(group: Sequence[Judgement], where: Where) -> str:
    said = [
        f"`{_code(side.value)}` (`{side.place}`)"
        for each in group
        for side in each.sides
        if side.repository == where and side.value
    ]
    return "<br>".join(dict.fromkeys(said))


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").replace("|", "\\|").split())[:120]
