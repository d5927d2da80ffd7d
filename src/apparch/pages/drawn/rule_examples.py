"""What a rule's page shows of the rule's examples: their files, and the finding as the checker prints it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache

from pygments.lexers import find_lexer_class_for_filename

from apparch.assess import Options, assess
from apparch.catalogue import Language, Text
from apparch.pages.errors import PageError
from apparch.pages.written.examples import Example
from apparch.pages.written.markup import Flavour
from apparch.pages.written.site import Page, Site
from apparch.report.model import Report
from apparch.report.text import as_text

LONG = 30
"""Lines up to which a file is shown in full."""
AROUND = 8
"""Lines that a longer one keeps on each side of what matters."""
MOST = 100
"""Characters of a line that is named beside its file."""
SHOWN = 8
"""Files of an example that are shown; further ones are named."""
PARTS = ("bad", "finding", "good", "others")
"""The first bad example, its finding, the first good one, the other forms."""
NAME = "orders"
"""The folder that the examples' repository lies in."""
PRINTOUT = "{ .text .checker-says }"
"""Of a terminal's lines, which wrap as they do there."""
SIGNS = re.compile(r"([\\`*_{}\[\]#|])")
FOUND = re.compile(r"(?P<path>.+?):(?P<line>\d+)(?::\d+-(?P<last>\d+):\d+)?")

BASES = {
    "app": Text("규칙을 모두 지키는 Python App 레포", "a Python App repo that keeps every rule"),
    "go": Text("규칙을 모두 지키는 Go App 레포", "a Go App repo that keeps every rule"),
    "node": Text("규칙을 모두 지키는 Node.js App 레포", "a Node.js App repo that keeps every rule"),
    "deploy": Text("규칙을 모두 지키는 Deploy 레포", "a Deploy repo that keeps every rule"),
    "reference": Text("레퍼런스 앱", "the reference app"),
    "both": Text("App 레포와 Deploy 레포를 합친 레포", "a repo that is an App repo and a Deploy repo at once"),
}
CHANGED = Text("{}에서 다음만 바꾸었다.", "Taken from {}; only this differs.")
ALONE = Text("레포에 있는 것은 이것뿐이다.", "This is all that the repository holds.")
DIFFERS = Text("위의 어긴 예와 다른 것만 보인다.", "Only what differs from the bad example above is shown.")
WITHOUT = Text("{} 없음.", "Without {}.")
FURTHER = Text("그 밖의 파일: {}.", "Further files: {}.")
EMPTY = Text("(빈 파일)", "(an empty file)")
PART = Text("{path} (전체 {count}줄 가운데 {first}~{last}줄)", "{path} (lines {first}-{last} of {count})")
PRINTED = Text(
    "`apparch check --select {}`는 이 트리에서 다음을 보인다.", "On this tree, `apparch check --select {}` prints:"
)
OTHERS = Text("시험하는 다른 형태 {}가지", "Other forms that are tested: {}")
BAD, GOOD = Text("어긴 것", "breaks it"), Text("지킨 것", "keeps it")


def render(words: str, page: Page, site: Site) -> list[str]:
    """The lines that stand for `RULE PART`, where the part is one of PARTS.

    Raises:
        PageError: the rule has no examples, or the examples no such part.
    """
    rule, _, part = words.partition(" ")
    examples = site.examples.get(rule, ())
    if not examples or part not in PARTS:
        raise PageError(f"[[example: {words}]]: no such example; see snippets/rules/{rule}")
    bad, good = (next(each for each in examples if each.kind == kind) for kind in ("bad", "good"))
    match part:
        case "bad":
            lines = _bad(bad, page)
        case "finding":
            lines = _finding(bad, page, site)
        case "good":
            lines = _good(good, bad, page)
        case _:
            lines = _others([each for each in examples if each not in (bad, good)], page, site.url)
    return lines if lines[-1] else lines[:-1]


def has_others(examples: Sequence[Example]) -> bool:
    """Whether there is more than one bad and one good example."""
    return len(examples) > 2


def first_place(example: Example) -> str:
    """The file in which the first finding of a bad example lies, or any file where it names none."""
    return next((path for path, _, _ in _found(example)), "**")


def fenced(text: str, info: str) -> list[str]:
    """A code block, its marks longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return [f"{marks}{info}", *text.split("\n"), marks, ""]


def _bad(example: Example, page: Page) -> list[str]:
    base, language = BASES.get(example.base), page.language
    lead = CHANGED[language].format(base[language]) if base else ALONE[language]
    lines = [" ".join([lead, *_without(example.removes, language)]), ""]
    marks: dict[str, list[int]] = {}
    for path, first, last in _found(example):
        marks.setdefault(path, []).extend(range(first, last + 1))
    return lines + _files(example, list(example.own), marks, marks, page)


def _finding(example: Example, page: Page, site: Site) -> list[str]:
    printed = as_text(replace(_report(example, site.url), language=page.language)).rstrip("\n")
    return [
        PRINTED[page.language].format(example.rule),
        "",
        *fenced(printed, PRINTOUT if page.flavour == "site" else "text"),
    ]


def _good(example: Example, bad: Example, page: Page) -> list[str]:
    base, language = BASES.get(example.base), page.language
    if example.base != bad.base:
        lead = CHANGED[language].format(base[language]) if base else ALONE[language]
        lines = [" ".join([lead, *_without(example.removes, language)]), ""]
        return lines + _files(example, list(example.own), {}, {}, page)
    gone = [path for path in bad.files if path not in example.files]
    differing = [path for path, content in example.files.items() if bad.files.get(path) != content]
    differing.sort(key=lambda path: path not in example.own)
    changed = {path: _changed(bad.files[path], example.files[path]) for path in differing if path in bad.files}
    lines = [" ".join([DIFFERS[language], *_without(gone, language)]), ""]
    return lines + _files(example, differing, changed, {}, page)


def _others(examples: Sequence[Example], page: Page, url: str) -> list[str]:
    """A line for each: where it breaks the rule, by which line and what the checker says, or what keeps it."""
    title = OTHERS[page.language].format(len(examples))
    lines = []
    for each in examples:
        told = _broken(each, page.language, url) if each.kind == "bad" else _kept(each, page.language)
        lines.append(f"- `{each.name}` ({_kind(each, page.language)}): {'; '.join(told)}")
    if page.flavour == "plain":
        return [f"**{title}**", "", *lines, ""]
    return [f'??? note "{title}"', "", *(f"    {line}" for line in lines), ""]


def _kind(example: Example, language: Language) -> str:
    return (BAD if example.kind == "bad" else GOOD)[language]


def _broken(example: Example, language: Language, url: str) -> Iterator[str]:
    for each in _report(example, url).results:
        place = each.finding.place
        lines = _lines(example.files.get(place.path, b""))
        line = lines[place.line - 1].strip() if place.line <= len(lines) else ""
        at = f"{_code(f'{place.path}:{place.line}')}{f' {_code(line)}' if line else ''}"
        yield f"{_read(each.finding.message[language])}: {at}"


def _kept(example: Example, language: Language) -> Iterator[str]:
    """The files that differ from the base, each with its first line that does; the base where none differs."""
    if not example.own and not example.removes and (base := BASES.get(example.base)):
        yield base[language]
    yield from _without(example.removes, language)
    for path in [*example.own][:SHOWN]:
        lines, before = _lines(example.own[path]), example.under.get(path)
        changed = _changed(before, example.own[path]) if before is not None else [1] if len(lines) == 1 else []
        line = next((text for number in changed if number <= len(lines) and (text := lines[number - 1].strip())), "")
        yield f"{_code(path)}{f' {_code(line)}' if len(line) in range(3, MOST) else ''}"


def _files(
    example: Example,
    paths: Sequence[str],
    matters: dict[str, list[int]],
    marks: dict[str, list[int]],
    page: Page,
) -> list[str]:
    lines: list[str] = []
    for path in paths[:SHOWN]:
        content = _lines(example.files[path])
        for first, last in _windows(len(content), matters.get(path, [])):
            title = path
            if (first, last) != (1, len(content)):
                title = PART[page.language].format(path=path, count=len(content), first=first, last=last)
            text = "\n".join(content[first - 1 : last]) or EMPTY[page.language]
            marked = [number - first + 1 for number in marks.get(path, []) if first <= number <= last]
            lines += _titled(title, text, language_of(path), marked, page.flavour)
    if paths[SHOWN:]:
        lines += [FURTHER[page.language].format(", ".join(map(_code, paths[SHOWN:]))), ""]
    return lines


def _titled(title: str, text: str, language: str, marked: Sequence[int], flavour: Flavour) -> list[str]:
    if flavour == "plain" or '"' in title:
        return [f"{_code(title)}:", "", *fenced(text, language)]
    marks = f' hl_lines="{" ".join(map(str, marked))}"' if marked else ""
    return fenced(text, f'{language} title="{title}"{marks}')


def _windows(count: int, matters: Iterable[int]) -> list[tuple[int, int]]:
    """The first and last lines of what is shown of a file, counted from 1."""
    if count <= LONG:
        return [(1, count)]
    found: list[tuple[int, int]] = []
    for number in sorted(matters) or [1]:
        first, last = max(1, number - AROUND), min(count, number + AROUND)
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _changed(before: bytes, after: bytes) -> list[int]:
    """The lines of the second text that are not in the first, or follow what was deleted."""
    blocks = SequenceMatcher(None, _lines(before), _lines(after), autojunk=False).get_opcodes()
    return [
        number
        for tag, _, _, first, last in blocks
        if tag != "equal"
        for number in range(first + 1, max(last, first + 1) + 1)
    ]


def _found(example: Example) -> Iterator[tuple[str, int, int]]:
    for each in example.finds:
        match = FOUND.fullmatch(each)
        if match:
            yield match["path"], int(match["line"]), int(match["last"] or match["line"])


def _without(paths: Sequence[str], language: Language) -> list[str]:
    return [WITHOUT[language].format(", ".join(map(_code, paths)))] if paths else []


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").rstrip("\n").split("\n")


def _code(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks, space = "`" * (longest + 1), " " if longest else ""
    return f"{marks}{space}{text}{space}{marks}"


def _read(text: str) -> str:
    """What a checker prints, as prose of a page that shows it letter by letter."""
    return SIGNS.sub(r"\\\1", " ".join(text.split())).replace("<", "&lt;")


@lru_cache(None)
def language_of(path: str) -> str:
    """The language of a code block that shows a file of this name."""
    lexer = find_lexer_class_for_filename(path.rpartition("/")[2])
    return lexer.aliases[0] if lexer else "text"


@lru_cache(1024)
def _report(example: Example, url: str) -> Report:
    """What the checker finds; an example is read anew for each build, so that a changed one is judged anew."""
    return assess(example.tree(), Options(select=(example.rule,), url=url), NAME)
