"""The report for a terminal: grouped by file, the source underlined at the range, a summary, what was not judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap

from apparch.catalogue.model import Language, Text
from apparch.checks.run import Standing
from apparch.report.model import Report, Result
from apparch.repository.safe_text import printable

WIDTH = 120
"""Columns of a quoted line; a longer one is cut around the spot."""


@dataclass(frozen=True)
class _Paint:
    """The escapes of a terminal, or nothing."""

    colour: bool

    def __call__(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


_COLOURS = {"MUST": "31", "SHOULD": "33", "MAY": "36"}
_KINDS = {
    "app": Text(ko="App 레포", en="App repo"),
    "deploy": Text(ko="Deploy 레포", en="Deploy repo"),
}
_WORDS = {
    "neither": Text(
        ko="App 레포도 Deploy 레포도 아니다: {}. --kind로 정하면 판정한다",
        en="neither an App repo nor a Deploy repo: {}. --kind judges it all the same",
    ),
    "clean": Text(ko="어긴 규칙이 없다.", en="No rule is broken."),
    "found": Text(ko="{files}개 파일에서 {count}건", en="{count} in {files}"),
    "waived": Text(ko="면제 {}건", en="{} waived"),
    "baselined": Text(ko="기준선에 있던 것 {}건", en="{} in the baseline"),
    "gone": Text(ko="기준선에 있었으나 사라진 것 {}건", en="{} of the baseline gone"),
    "kept": Text(ko="지킴 {}", en="{} kept"),
    "unknown": Text(ko="알 수 없음 {}", en="{} cannot be told"),
    "not applicable": Text(ko="해당 없음 {}", en="{} do not apply"),
    "not judged": Text(ko="사람이나 실행이 필요함 {}", en="{} take a person or a run"),
    "by": Text(ko="알아본 근거", en="seen by"),
    "repair": Text(ko="고치기", en="repair"),
    "see": Text(ko="함께 보기", en="see also"),
    "waiver": Text(ko="면제", en="waived"),
}


def as_text(report: Report, *, colour: bool = False, statistics: bool = False, all_states: bool = False) -> str:
    """The whole report, each line short enough to read; control characters of the repository are not passed on."""
    paint = _Paint(colour)
    shown = report.results if all_states else report.new
    lines: list[str] = []
    if statistics:
        lines += _statistics(report)
    else:
        for path, results in groupby(shown, key=lambda each: each.finding.place.path):
            lines.append(paint("1", printable(path)))
            for each in results:
                lines += [f"  {line}" if line else "" for line in _finding(each, report, paint)]
    lines += _summary(report)
    return "".join(f"{line}\n" for line in lines)


def _finding(result: Result, report: Report, paint: _Paint) -> Iterator[str]:
    finding, rule, language = result.finding, report.rules[result.finding.rule], report.language
    head = f"{finding.place.line}:{finding.place.column}"
    name = paint(_COLOURS[rule.level], f"{rule.id} {rule.level}")
    yield f"{head:<7} {name}  {printable(finding.message[language])}"
    yield from (f"        {line}" for line in _quoted(result, paint))
    for related in finding.related:
        yield f"        {_say('see', language)}: {printable(str(related.place))} {printable(related.message[language])}"
    if result.state != "new":
        yield f"        {_say('waiver', language)}: {printable(result.because)}".rstrip(": ")
    yield f"        {_say('repair', language)}: {rule.repair[language]}"
    yield f"        {paint('2', rule.url)}"
    yield ""


def _quoted(result: Result, paint: _Paint) -> Iterator[str]:
    """The line at fault, and under it a mark as wide as the range."""
    line, place = result.excerpt.rstrip(), result.finding.place
    if not line.strip():
        return
    start = min(place.column - 1, len(line))
    end = place.end_column - 1 if place.end_line == place.line and place.end_column else len(line)
    indent = len(line) - len(line.lstrip())
    start = max(start, indent)
    cut = max(0, start - WIDTH // 2) if len(line) > WIDTH else indent
    text = printable(line[cut : cut + WIDTH], keep_spaces=True)
    mark = " " * (start - cut) + "^" * max(1, min(end, cut + WIDTH) - start)
    number = str(place.line)
    yield f"{number} | {text}"
    yield f"{' ' * len(number)} | {paint('31', mark)}"


def _statistics(report: Report) -> Iterator[str]:
    counts = Counter(each.finding.rule for each in report.new)
    for name, count in counts.most_common():
        rule = report.rules[name]
        yield f"{count:>5}  {rule.id} {rule.level:<6}  {rule.title[report.language]}"
    if counts:
        yield ""


def _summary(report: Report) -> Iterator[str]:
    language = report.language
    for part in report.parts:
        where = f" {printable(part.directory)}/" if part.directory else ""
        name = printable(report.name)
        evidence = "; ".join(f"{place} {says[language]}" for place, says in part.shown)
        by = f": {printable(evidence)}" if evidence else f" ({_say('by', language)} {printable(part.evidence)})"
        yield f"{name}{where}: {_KINDS[part.kind][language]}{by}"
    if report.neither:
        yield f"{printable(report.name)}: {_say('neither', language).format(report.neither[language])}"
    yield _counted(report)
    outcomes = Counter(each.outcome for each in report.standings)
    told = [
        _say(key, language).format(outcomes[key])
        for key in ("kept", "unknown", "not applicable", "not judged")
        if outcomes[key]
    ]
    if told:
        yield f"{'규칙' if language == 'ko' else 'Rules'}: {', '.join(told)}."
    yield from _not_told(report.standings, language)


def _counted(report: Report) -> str:
    language = report.language
    states = Counter(each.state for each in report.results)
    counts = Counter(each.finding.rule[:3] for each in report.new)
    if counts:
        files = len({each.finding.place.path for each in report.new})
        number, where = str(len(report.new)), str(files)
        if language == "en":
            number, where = _plural(len(report.new), "finding"), _plural(files, "file")
        line = _say("found", language).format(count=number, files=where)
        line += f": {', '.join(f'{family} {count}' for family, count in sorted(counts.items()))}."
    else:
        line = _say("clean", language) if report.parts else ""
    beside = [_say(state, language).format(states[state]) for state in ("waived", "baselined") if states[state]]
    if report.gone:
        beside.append(_say("gone", language).format(len(report.gone)))
    return f"{line} {', '.join(beside)}{'.' if beside else ''}".strip()


def _not_told(standings: tuple[Standing, ...], language: Language) -> Iterator[str]:
    """What could not be judged, each reason once with its rules: a silent gap would look like a pass."""
    rules: dict[tuple[str, str], list[str]] = {}
    for each in standings:
        if each.outcome == "unknown" and each.reason:
            rules.setdefault((each.part, each.reason[language]), []).append(each.rule)
    for (part, reason), named in rules.items():
        told = f"{', '.join(named)} ({part}): {printable(reason)}"
        yield from wrap(
            told, WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
        )


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _say(word: str, language: Language) -> str:
    return _WORDS[word][language]
