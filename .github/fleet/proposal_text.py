"""What a pull request says of an update: from which version to which, what must be followed, and by which rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apparch.catalogue import load_catalogue
from apparch.catalogue.model import Language, Text
from apparch.links import neutral_url
from apparch.report.markdown import escaped

_HANDS_OFF = Text(
    ko="이 브랜치에 직접 푸시하면 그 뒤로는 apparch가 건드리지 않는다. 닫으면 다음 버전까지 다시 열지 않는다.",
    en="Push to this branch and apparch leaves it alone after that. Close it and none follows until the next version.",
)
MOST = 60_000
"""Characters; GitHub refuses more than 65,536."""


def title(version: str, language: Language) -> str:
    """The same for every update to a version: by it a closed one is known again."""
    return f"템플릿을 {version}으로 올린다" if language == "ko" else f"Update the template to {version}"


def body(row: Mapping[str, Any], version: str, changed: Sequence[str], language: Language, url: str) -> str:
    """The text; `changed` says what the update did with each file."""
    return "\n".join(_lines(row, version, changed, language, url))[:MOST] + "\n"


def _lines(row: Mapping[str, Any], version: str, changed: Sequence[str], language: Language, url: str) -> Iterator[str]:
    template, ko = row["template"], language == "ko"
    old = escaped(template["version"])
    if ko:
        yield f"이 레포는 템플릿 {old}에서 왔고 지금은 {version}이 있다. 레포가 스스로 고친 줄은 그대로 두었다."
    else:
        yield f"This repo is at version {old} of its template, and there is {version}. What it changed itself is kept."
    if template["must"]:
        yield f"\n### {'따라야 하는 변경' if ko else 'Changes that it must follow'}\n"
        yield from _changes(template["must"], language, url)
    if template["may"]:
        yield f"\n### {'선택할 수 있는 변경' if ko else 'Changes that it may decline'}\n"
        yield from _changes(template["may"], language, url)
        yield (
            "\n사양하려면 `config/apparch.yaml`의 `declines`에 변경과 이유를 적고 다시 올린다."
            if ko
            else "\nTo decline one, write the change and the reason under `declines` in `config/apparch.yaml`."
        )
    if changed:
        yield f"\n### {'무엇이 바뀌었나' if ko else 'What changed'}\n"
        yield from (f"- {escaped(line)}" for line in changed)
    yield f"\n{_HANDS_OFF[language]}"


def _changes(changes: list[Mapping[str, Any]], language: Language, url: str) -> Iterator[str]:
    rules = load_catalogue().rules
    for each in changes:
        what = each["what"][language] if each["what"] else each["id"]
        yield f"- `{each['id']}` ({each['version']}): {escaped(what)}"
        for name in each["rules"]:
            known = rules.get(name)
            yield (
                f"  - [{name}]({neutral_url(url, name)}) {escaped(known.statement[language])}"
                if known
                else f"  - {name}"
            )
