"""Sentences of policy in prose: each names the rule that it states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from apparch.catalogue.model import RULE_ID
from apparch.pages.written.data_files import read_data
from apparch.pages.written.fences import find_fences
from apparch.pages.written.sections import HEADING
from apparch.pages.written.site import Site

FACTS = "docs/facts.yaml"
"""Sentences in the form of policy that tell a fact, each with the reason."""

OBLIGING = (
    r"\b(?:must|shall|should|never|forbidden|prohibited|not allowed|(?:is|are) required to"
    r"|(?:has|have|needs?|ought) to|may not)\b"
)
NORMATIVE = {
    "ko": re.compile(
        # What obliges in so many words.
        r"[가-힣]야만? 한다|[가-힣]야만? 하[며고]|면 안 된다|서는 안 된다|금지(?:한다|된다|다|이다)|반드시|절대(?:로)? "
        r"|것이 좋다|(?:써|두어|넣어|해|골라)도 된다"
        # What obliges by telling what is done.
        r"|(?:두|쓰|적|넣|담|만들|고치|옮기|건드리|커밋하|배포하)지 (?:않는다|않으며)"
        r"|만 (?:있다|맡는다|둔다|쓴다|한다|적는다|담는다|읽는다|가진다|고친다)"
    ),
    "en": re.compile(OBLIGING, re.IGNORECASE),
}
# What a repository says of itself to those who work on it obliges also by telling.
TOLD = re.compile(rf"{OBLIGING}|\bonly\b|\btarget:", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.!?。])\s+")


def unruled(site: Site) -> list[str]:
    """Every sentence of policy that names no rule, with its place: in the documents, and in the repositories' texts."""
    facts = {fact["sentence"] for fact in read_data(site.root, FACTS) or ()}
    found = [
        (f"docs/{page.file}", line, text)
        for page in site.pages
        if page.document
        for line, text in sentences(page.text, page.offset)
        if _obliges(text, NORMATIVE[page.language])
    ]
    for file, form in repository_texts(site.root).items():
        name = file.relative_to(site.root).as_posix()
        found += [(name, *each) for each in sentences(file.read_text("utf-8")) if _obliges(each[1], form)]
    return [
        f"{place}:{line}: a sentence of policy without a rule; name its rule ID or state a fact: {text}"
        for place, line, text in found
        if text not in facts
    ]


def unneeded_facts(site: Site) -> list[str]:
    """Sentences that are declared facts and stand nowhere, or have not the form of policy."""
    texts = [(page.text, NORMATIVE[page.language]) for page in site.pages if page.document]
    texts += [(file.read_text("utf-8"), form) for file, form in repository_texts(site.root).items()]
    obliging = {text for whole, form in texts for _, text in sentences(whole) if _obliges(text, form)}
    facts = read_data(site.root, FACTS) or ()
    return [f"{FACTS}: remove {fact['sentence']!r}" for fact in facts if fact["sentence"] not in obliging]


def repository_texts(root: Path) -> dict[Path, re.Pattern[str]]:
    """What repositories tell those who work on them, with the form that obliges there.

    README files, documents and runbooks of the reference repositories, and those that the template makes in Korean.
    """
    english = sorted([*root.glob("snippets/*/README.md"), *root.glob("snippets/*/docs/**/*.md")])
    return dict.fromkeys(english, TOLD) | dict.fromkeys(sorted(root.glob("template/ko/**/*.md")), NORMATIVE["ko"])


def sentences(text: str, offset: int = 0) -> Iterator[tuple[int, str]]:
    """The sentences of Markdown prose with their line numbers; a table row counts as one sentence."""
    fenced = {number for fence in find_fences(text) for number in range(fence.first, fence.last + 1)}
    for number, line in enumerate(text.split("\n")):
        stripped = line.strip()
        if number in fenced or not stripped or HEADING.match(line) or stripped.startswith("[[rules"):
            continue
        for sentence in [stripped] if stripped.startswith("|") else SENTENCE.split(stripped):
            yield number + 1 + offset, sentence


def _obliges(text: str, form: re.Pattern[str]) -> bool:
    return bool(form.search(re.sub(r"`[^`]*`", "", text))) and not RULE_ID.search(text)
