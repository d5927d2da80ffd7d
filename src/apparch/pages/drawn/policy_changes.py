"""What each edition changed in policy, computed from the catalogues."""

from __future__ import annotations

from collections.abc import Sequence

from apparch.catalogue import Language, Text
from apparch.catalogue.difference import CALLED, Change, Kind, by_kind, counted
from apparch.catalogue.editions import steps
from apparch.catalogue.policy import Edition
from apparch.catalogue.why_changed import Notes, notes, why
from apparch.pages.drawn import legend
from apparch.pages.drawn.labels import COLUMNS, OWNERS
from apparch.pages.drawn.markdown_table import table
from apparch.pages.written.markup import Flavour
from apparch.pages.written.site import Page

FIRST = Text(
    "여기에 적힌 첫 판이다. 규칙은 {count}개였다.",
    "The first edition on record. It had {count} rules.",
)
COMING = Text("아직 나오지 않음", "not published yet")
ONLY_ELSEWHERE = Text("영어 문장만 바뀐 규칙:", "Only the Korean sentence is another:")
REASON = Text("까닭", "Why")
BEFORE, AFTER = Text("이전", "Before"), Text("이후", "After")
PROVED_BY = {
    "check": Text("검사기", "checker"),
    "run": Text("실행", "run"),
    "contract": Text("계약 비교", "contract"),
    "review": Text("리뷰어에게 묻는 질문", "a question for reviewers"),
}


def changes(page: Page) -> list[str]:
    """Each edition with what it changed, the newest first."""
    lines: list[str] = []
    for old, new, found in reversed(steps()):
        date = new.date or COMING[page.language]
        lines += [f"## {new.name} ({date}) {{#{anchor(new)}}}", ""]
        if old is None:
            lines += [FIRST[page.language].format(count=len(new.rules)), ""]
            continue
        lines += [f"{old.name} → {new.name}: {counted(found, page.language)}.", ""]
        for kind, changed in by_kind(found):
            lines += [f"### {CALLED[kind][page.language]} {{#{anchor(new)}-{kind}}}", ""]
            shown = [each for each in changed if kind != "reworded" or page.language in each.reworded]
            note = _common(kind, new)
            lines += [note[page.language], ""] if note else []
            lines += [*_table(kind, shown, new, page.language, page.flavour), ""] if shown else []
            others = [each.rule for each in changed if each not in shown]
            lines += [f"{ONLY_ELSEWHERE[page.language]} {', '.join(others)}", ""] if others else []
    return lines


def anchor(edition: Edition) -> str:
    """The id of an edition's section, which begins with a letter."""
    return f"v{edition.name.replace('.', '-')}"


def _table(kind: Kind, changed: Sequence[Change], new: Edition, language: Language, flavour: Flavour) -> list[str]:
    if kind in ("added", "retired"):
        header = [COLUMNS[column][language] for column in ("id", "level", "title")]
        return table(
            header, ([each.rule, legend.level(each.told.level, flavour), _titled(each, language)] for each in changed)
        )
    header = [COLUMNS["id"][language], BEFORE[language], AFTER[language]]
    rows = [[each.rule, *_states(each, kind, language, flavour)] for each in changed]
    # The note of all that were changed in one way stands above them.
    common = _common(kind, new)
    whys = [told[language] if (told := why(each, new.name)) and told != common else "" for each in changed]
    if any(whys):
        return table([*header, REASON[language]], ([*row, told] for row, told in zip(rows, whys, strict=True)))
    return table(header, rows)


def _common(kind: Kind, edition: Edition) -> Text | None:
    return notes().get(edition.name, Notes()).otherwise.get(kind)


def _titled(change: Change, language: Language) -> str:
    successor = f" → {change.told.replaced_by}" if change.told.replaced_by else ""
    return f"{change.told.title[language]}{successor}"


def _states(change: Change, kind: Kind, language: Language, flavour: Flavour) -> list[str]:
    """What the rule was, and what it is, in what this kind of change is about."""
    found = []
    for each in (change.before, change.after):
        assert each is not None
        if kind == "proof":
            found.append(PROVED_BY[each.proof][language])
        elif kind == "moved":
            found.append(OWNERS[each.owner][language])
        elif kind == "reworded":
            found.append(each.statement[language])
        else:
            found.append(
                f"{legend.level(each.level, flavour)} {OWNERS[each.owner][language]}: {each.statement[language]}"
            )
    return found
