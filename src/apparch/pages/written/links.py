"""How mentions in a page's prose become links: wiki links, rule IDs, the glossary's terms."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import lru_cache

from apparch.catalogue.model import RULE_ID, Language
from apparch.pages.errors import PageError
from apparch.pages.written.markup import classes, explained, titled
from apparch.pages.written.sections import HEADING, label
from apparch.pages.written.site import DOCUMENTS, Page, Site

# Written without possessive groups: Python before 3.11.5 matches them wrongly, and Debian 12 has 3.11.2.
NUMBER = r"(?:\d+(?:\.\d+)*(?!\.\d)|[A-E](?:\.\d+)?(?!\.\d))"
WIKI = re.compile(
    rf"\[\[(?P<document>[a-z0-9_]+)\.md\]\](?: (?P<section>{NUMBER})(?![0-9A-Za-z])(?:절|장)?)?"
    rf"|\[\[(?P<own>{NUMBER})\]\](?:절|장)?"
)
# Code, links, HTML and attribute lists keep their text as it stands.
PROTECTED = re.compile(
    r"""(?<!`)(?P<code>`+)(?!`).+?(?<!`)(?P=code)(?!`)
    |!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((?:[^()"]|"[^"]*"|\([^()]*\))*\)(?:\{[^}]*\})?
    |<!--.*?-->|<[^>]+>|\{[^}]*\}""",
    re.VERBOSE,
)
PROTECTED_START = re.compile(r"[`\[<{]")


class Linker:
    """Links the lines of one page in order; remembers which terms a section has explained already."""

    def __init__(self, page: Page, site: Site) -> None:
        self._page = page
        self._site = site
        self._explained: set[str] = set()
        self._terms = site.terms[page.language]
        self._term_pattern = _term_pattern(tuple(self._terms))

    def line(self, line: str) -> str:
        """One line of prose with its mentions linked.

        Raises:
            PageError: a rule, document or section that is mentioned does not exist.
        """
        if HEADING.match(line):
            self._explained.clear()
            return line
        if line.startswith(("<figure", "<form ")):
            # A drawing, or fields to fill in, whose words may hold no element of a page.
            return line
        if "[[" in line:
            line = _outside(line, self._wiki_links)
        if RULE_ID.search(line):
            line = _outside(line, self._rules)
        if not self._terms or line.lstrip().startswith(("!!!", "???", "===", "*[")):
            return line
        return _outside(line, self._explain) if self._term_pattern.search(line) else line

    def _wiki_links(self, text: str) -> str:
        return WIKI.sub(self._wiki_link, text)

    def _wiki_link(self, match: re.Match[str]) -> str:
        language, own = self._page.language, match.group("own")
        document = self._page.document if own else match.group("document")
        if document not in DOCUMENTS:
            raise PageError(f"{match.group()}: no such document; there are {', '.join(DOCUMENTS)}")
        number = own or match.group("section")
        if number is None:
            return f"[{DOCUMENTS[document][language]}]({self.to(f'arch/{document}')})"
        section = number.replace(".", "-").lower()
        titles = self._site.section_titles.get((f"arch/{document}", language), {})
        if section not in titles:
            raise PageError(f"{match.group()}: {document} has no section {number} in {language}")
        anchor = f"#{section}" if own else f"{self.to(f'arch/{document}')}#{section}"
        name = "" if own else DOCUMENTS[document][language] + " "
        title = titled(_plain(titles[section]), self._page.flavour)
        return f"[{name}{section_name(section, language)}]({anchor}{title})"

    def _rules(self, text: str) -> str:
        return RULE_ID.sub(self._rule, text)

    def _rule(self, match: re.Match[str]) -> str:
        rule = self._site.catalogue.rules.get(match.group())
        if rule is None:
            raise PageError(f"{match.group()}: no such rule in the catalogue; correct the ID or add the rule")
        flavour = self._page.flavour
        title = titled(_plain(rule.title[self._page.language]), flavour)
        return f"[{rule.id}]({self.to(f'rules/{rule.id}')}{title}){classes('rule', flavour)}"

    def _explain(self, text: str) -> str:
        return self._term_pattern.sub(self._term, text)

    def _term(self, match: re.Match[str]) -> str:
        term = match.group()
        if term in self._explained:
            return term
        self._explained.add(term)
        return explained(term, _plain(self._terms[term]), self._page.flavour)

    def to(self, name: str) -> str:
        """The relative path from this page to another page's source file."""
        return relative(self._page.name, f"{name}.md")


def section_name(section: str, language: Language) -> str:
    """How a language names a section: 4장, 4.2절, 부록 A.2, chapter 4, section 4.2, appendix A.2."""
    number = label(section)
    if number[:1].isalpha():
        return f"부록 {number}" if language == "ko" else f"appendix {number}"
    if "." not in number:
        return f"{number}장" if language == "ko" else f"chapter {number}"
    return f"{number}절" if language == "ko" else f"section {number}"


@lru_cache(None)
def relative(page: str, target: str) -> str:
    """The relative path from a page, named as in Page.name, to a file below docs/."""
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def _outside(line: str, change: Callable[[str], str]) -> str:
    """A line with what is not protected changed."""
    if not PROTECTED_START.search(line):
        return change(line)
    parts, last = [], 0
    for kept in PROTECTED.finditer(line):
        parts += [change(line[last : kept.start()]), kept.group()]
        last = kept.end()
    return "".join([*parts, change(line[last:])])


@lru_cache
def _term_pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    ordered = sorted((re.escape(term) for term in terms), key=len, reverse=True)
    # A Korean particle may follow a term directly, a letter or digit may not.
    return re.compile(rf"(?<![\w/.-])(?:{'|'.join(ordered) or '(?!)'})(?![A-Za-z0-9_/-])")


@lru_cache(None)
def _plain(text: str) -> str:
    return re.sub(r"[`*]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(text.split())))
