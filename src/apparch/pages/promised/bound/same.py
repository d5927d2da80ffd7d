"""Whether the two languages of a text carry the same figures and names, section by section, confirmed or not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from apparch.catalogue import Language
from apparch.pages.promised.bound.figures import figures
from apparch.pages.promised.bound.texts import Line, Writing

# What a reader fills in is said in his own language.
FILLED_IN = re.compile(r"\{[^{}]*\}|<[^<>]*>")
# One language counts these in digits where the other has an article, a pronoun or "both".
SMALL = {0, 1, 2}
FIRST_CELL = re.compile(r"\s*\| *`(?P<name>[^`]+)` *\|")
# Words of which one is easily put for the other; where one language says one of them, so does the other.
OPPOSITES = {
    "major": (r"(?<![\w가-힣])주 (?:버전|번호)|\bmajor\b", r"\bmajor (?:version|number|release)s?\b|\bmajor\b"),
    "minor": (r"(?<![\w가-힣])부 (?:버전|번호)|주\.부\.수정|\bminor\b", r"\bminor\b"),
}
# Names of products and kinds are spelled alike in both languages; those that are plain words too are left out.
PROPER = re.compile(
    r"(?<![\w&./-])(?!(?:SHA|MiB|GiB)(?![A-Za-z]))(?:[A-Z]{3,}|[A-Z][a-z]+[A-Z][A-Za-z]*?|Alertmanager|Ansible|Docker|Flux"
    r"|Grafana|Helm|Kubernetes|Kustomize|Loki|Prometheus|Pydantic|Redis|Terraform|Traefik|Vault|preStop|kubelet)"
    r"(?=s?(?![A-Za-z0-9_/]))"
)
HANGUL = re.compile(r"[가-힣]+")


def differences(writing: Writing) -> Iterator[str]:
    """What one language of a text says and the other does not; nothing for a text in one language."""
    if len(writing.lines) < 2:
        return
    both = writing.lines["ko"], writing.lines["en"]
    sections = dict.fromkeys(line.section for lines in writing.lines.values() for line in lines)
    for section in sections:
        for what, read in {"figures": _figures, "names": _names}.items():
            said = {
                language: Counter(read([line for line in lines if line.section == section], language))
                for language, lines in writing.lines.items()
            }
            only = {
                "ko": sorted((said["ko"] - said["en"]).elements()),
                "en": sorted((said["en"] - said["ko"]).elements()),
            }
            if what == "names":
                only = _in_own_words(only)
            if only["ko"] or only["en"]:
                file = next(line.file for line in writing.lines["ko"])
                yield (
                    f"{file}#{section}: {what} differ: only in Korean {', '.join(only['ko']) or 'none'}; "
                    f"only in English {', '.join(only['en']) or 'none'}; say the same in both"
                )
        yield from _exchanged(*([line for line in lines if line.section == section] for lines in both))


def repeated(writing: Writing) -> Iterator[str]:
    """Names that begin two rows of one table: one of them stands where another was meant."""
    for lines in writing.lines.values():
        before: dict[str, Line] = {}
        last = 0
        for line in lines:
            first = FIRST_CELL.match(line.text)
            if not line.text.lstrip().startswith("|") or line.number > last + 1:
                before = {}
            last = line.number
            if first and first.group("name") in before:
                other = before[first.group("name")].number
                yield f"{line.place}: `{first.group('name')}` begins the row of line {other} too"
            elif first:
                before[first.group("name")] = line


def _figures(lines: list[Line], language: Language) -> Iterator[str]:
    for line in lines:
        for figure in figures(line.prose, language):
            if figure.value in SMALL and not figure.unit:
                continue
            number = figure.value if isinstance(figure.value, str) else f"{float(figure.value):g}"
            yield f"{number} {figure.unit}".strip()


def _names(lines: list[Line], _language: Language) -> Iterator[str]:
    for line in lines:
        yield from (FILLED_IN.sub("…", name) for name in line.names)


def _exchanged(korean: list[Line], english: list[Line]) -> Iterator[str]:
    """Each such word is in both languages of a line, or of the section where its lines do not match."""
    matching = len(korean) == len(english)
    pairs = [([one], [other]) for one, other in zip(korean, english, strict=True)] if matching else [(korean, english)]
    for ko, en in pairs:
        said = set(_words(ko, "ko")), set(_words(en, "en"))
        for language, only in {"Korean": said[0] - said[1], "English": said[1] - said[0]}.items():
            if only:
                yield (
                    f"{(ko or en)[0].place}: only the {language} says {', '.join(sorted(only))}; say the same in both"
                )


def _words(lines: list[Line], language: Language) -> Iterator[str]:
    for line in lines:
        yield from PROPER.findall(line.prose)
        for word, patterns in OPPOSITES.items():
            if re.search(patterns[0 if language == "ko" else 1], line.prose):
                yield word


def _in_own_words(only: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without the pairs that differ by a word that Korean says in Korean, such as `경로:줄` and `path:line`."""
    korean, english = [], list(only["en"])
    for name in only["ko"]:
        pattern = "[^ ]+".join(re.escape(part) for part in HANGUL.split(name))
        pair = next((other for other in english if HANGUL.search(name) and re.fullmatch(pattern, other)), None)
        if pair is None:
            korean.append(name)
        else:
            english.remove(pair)
    return {"ko": korean, "en": english}
