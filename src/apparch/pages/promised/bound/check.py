"""Whether a text says what is so: every name in it exists, every figure equals what it is bound to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from apparch.catalogue import Language
from apparch.catalogue.model import RULE_ID
from apparch.pages.errors import PageError
from apparch.pages.promised.bound.beside import untrue_comments
from apparch.pages.promised.bound.claims import COMMON, FOREIGN, Claim, Foreign, claims_of, foreign_names
from apparch.pages.promised.bound.facts import FINDING, Facts
from apparch.pages.promised.bound.figures import Figure, figures
from apparch.pages.promised.bound.names import missing
from apparch.pages.promised.bound.product import Product
from apparch.pages.promised.bound.references import misled
from apparch.pages.promised.bound.same import differences, repeated
from apparch.pages.promised.bound.sentences import unsaid
from apparch.pages.promised.bound.texts import CODE, Line, Writing, writings
from apparch.pages.promised.bound.values import Value
from apparch.pages.written.site import Site

BEFORE = "2.0.0"
"""The edition that this one is compared with throughout; the present one is claimed where it is named."""
BIND = "bind it in docs/claims/{}.yaml under {} (CONTRIBUTING.md, Bound prose)"


@dataclass(frozen=True)
class Checker:
    """Checks the texts of one project; what is read of the product is read once."""

    site: Site
    product: Product

    @cached_property
    def writings(self) -> dict[str, Writing]:
        """Every text by its name."""
        return writings(self.site)

    @cached_property
    def facts(self) -> Facts:
        """What expressions stand for."""
        return Facts(self.site, self.product, self.writings)

    @cached_property
    def foreign(self) -> list[Foreign]:
        """The names of others."""
        return foreign_names(self.site.root)

    def faults(self, name: str) -> list[str]:
        """What one text says that is bound to nothing or is not so, each with its place and how to mend it."""
        writing = self.writings[name]
        return [
            *self._names(writing),
            *repeated(writing),
            *self._sequences(writing),
            *self._figures(writing),
            *differences(writing),
            *misled(writing, self.site),
            *(untrue_comments(writing, self.product) if writing.name == "comments" else ()),
        ]

    def unused(self) -> list[str]:
        """The foreign names that no text uses, or that exist after all."""
        found = []
        for name, texts in self._declared.items():
            if missing(name, self.product) is None:
                found.append(f"{FOREIGN}: {name}: exists; remove it")
            for text in texts:
                if text not in self.writings:
                    found.append(f"{FOREIGN}: {name}: there is no text {text}")
                elif not any(name in line.names for lines in self.writings[text].lines.values() for line in lines):
                    found.append(f"{FOREIGN}: {name}: {text} does not use it; remove {text}")
        return found

    @cached_property
    def _common(self) -> list[Claim]:
        return claims_of(self.site.root, COMMON)

    @cached_property
    def _declared(self) -> dict[str, tuple[str, ...]]:
        return {name: texts for entry in self.foreign for name, texts in entry.names.items()}

    def _names(self, writing: Writing) -> Iterator[str]:
        for lines in writing.lines.values():
            for line in lines:
                for name in line.names:
                    if writing.name in self._declared.get(name, ()):
                        continue
                    fault = missing(name, self.product)
                    if fault:
                        yield (
                            f"{line.place}: `{name}`: {fault}; correct it, or declare it in {FOREIGN} "
                            "with the reason why it is right here"
                        )

    def _figures(self, writing: Writing) -> Iterator[str]:
        claims = [*claims_of(self.site.root, writing.name), *self._common]
        for language, lines in writing.lines.items():
            used: set[int] = set()
            for line in lines:
                covered, faults = self._covered(claims, used, writing, line, language)
                yield from faults
                for figure in figures(line.prose, language):
                    if not any(start <= figure.start and figure.end <= end for start, end in covered):
                        fault = self._unbound(figure, line, writing)
                        if fault:
                            yield f"{line.place}: {fault}"
            for number, claim in enumerate(claims):
                if claim.section == COMMON:
                    continue
                if language in claim.phrases and number not in used:
                    yield f"{claim.place}: {claim.phrases[language]!r}: the text does not say so; correct either"
                if language not in claim.phrases and len(writing.lines) > 1:
                    yield f"{claim.place}: {claim.phrases}: needs the phrase in {language} too"

    def _sequences(self, writing: Writing) -> Iterator[str]:
        """A finding's figures stand in its data in the order of its English text, as often as there."""
        for section in dict.fromkeys(line.section for line in writing.lines.get("en", ())):
            if FINDING.fullmatch(section) and writing.name == "findings":
                lines = [line for line in writing.lines["en"] if line.section == section]
                said = [figure for line in lines for figure in figures(line.prose, "en") if figure.value != BEFORE]
                data = self.facts.of(section, writing, lines[0])
                odd = next((f for f, value in zip_longest(said, data) if f and not (value and value.equals(f))), None)
                if odd:
                    shown = ", ".join(figure.text for figure in said)
                    yield f"{lines[0].place}: {section}: {odd.text!r} is not its place's figure; the text says {shown}"

    def _covered(
        self, claims: list[Claim], used: set[int], writing: Writing, line: Line, language: Language
    ) -> tuple[list[tuple[int, int]], list[str]]:
        """Which parts of a line claims speak for, and which of these are not so."""
        spans: list[tuple[int, int]] = []
        faults: list[str] = []
        for number, claim in enumerate(claims):
            phrase = claim.phrases.get(language)
            if phrase is None or claim.section not in (line.section, COMMON):
                continue
            if claim.so and phrase in line.text:
                used.add(number)
                faults += unsaid(claim, language, self.facts, writing, line)
                continue
            # A phrase that ends with a figure ends where the figure does: "port 80" is not in "port 8080".
            for at in [found.start() for found in re.finditer(rf"(?<!\d){re.escape(phrase)}(?!\d)", line.text)]:
                spans.append((at, at + len(phrase)))
                used.add(number)
                inside = [f for f in figures(line.prose, language) if at <= f.start and f.end <= at + len(phrase)]
                if claim.free is None:
                    faults += self._untrue(inside, claim, writing, line, language)
        return spans, list(dict.fromkeys(faults))

    def _untrue(
        self, said: list[Figure], claim: Claim, writing: Writing, line: Line, language: Language
    ) -> Iterator[str]:
        try:
            if not said:
                yield from self._misnamed(claim, line, language)
                return
            values = [self.facts.of(expression, writing, line) for expression in claim.facts]
        except PageError as error:
            yield f"{claim.place}: {error}"
            return
        left = list(zip(claim.facts, values, strict=True))
        for figure in said:
            match = next((pair for pair in left if any(value.equals(figure) for value in pair[1])), None)
            if match is None:
                wanted = ", ".join(f"{fact} is {_shown(each)}" for fact, each in zip(claim.facts, values, strict=True))
                yield f"{line.place}: {figure.text!r} is not so: {wanted}"
            elif len(left) > 1:
                left.remove(match)

    def _misnamed(self, claim: Claim, line: Line, language: Language) -> Iterator[str]:
        """A phrase without figures names what its facts hold, in backticks where it has any."""
        phrase = claim.phrases[language]
        named = [match.group("code").strip() for match in CODE.finditer(phrase)]
        named = named or re.findall(r"[\w.+-]+", phrase, re.ASCII)
        for fact in claim.facts:
            words = self.facts.words(fact)
            if not words & set(named):
                yield f"{line.place}: {claim.phrases[language]!r} is not so: {fact} is {' or '.join(sorted(words))}"

    def _unbound(self, figure: Figure, line: Line, writing: Writing) -> str | None:
        """None where the edition's number, the finding or what stands beside the figure speaks for it."""
        if figure.value == BEFORE:
            return None
        if FINDING.fullmatch(line.section):
            known = self._equals(line.section, figure, writing, line)
            return None if known else f"{figure.text!r} is not among the figures of {line.section}"
        variables = {name for name in line.names if "default" in self.product.variables.get(name, {})}
        if len(variables) == 1:
            name = variables.pop()
            (value,) = self.facts.of(name, writing, line)
            if value.unit == figure.unit or value.equals(figure):
                return None if value.equals(figure) else f"{figure.text!r} is not so: {name} is {value}"
        # Nought, one and two are among the figures of too many findings to mean one of them.
        telling = figure.unit or figure.value not in (0, 1, 2)
        if telling and any(value.equals(figure) for value in self.facts.behind(line.section)):
            return None
        cited = [rule for rule in RULE_ID.findall(line.text) if rule in self.site.catalogue.rules]
        if telling and any(self._equals(rule, figure, writing, line) for rule in cited if rule != line.section):
            return None
        return f"{figure.text!r} is bound to nothing; {BIND.format(writing.name, line.section)}"

    def _equals(self, expression: str, figure: Figure, writing: Writing, line: Line) -> bool:
        return any(value.equals(figure) for value in self.facts.of(expression, writing, line))


def _shown(values: tuple[Value, ...]) -> str:
    return " or ".join(dict.fromkeys(str(value) for value in values)) or "nothing"
