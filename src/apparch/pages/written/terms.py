"""One word for one thing: where prose uses a word that the glossary rejects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from apparch.catalogue import LANGUAGES, Language
from apparch.pages.written.prose import CODE, Prose, spoken
from apparch.pages.written.site import Term


def rejected(texts: Iterable[Prose], glossary: Iterable[Term]) -> list[str]:
    """Every place where a text uses a rejected word outside of code, with the word to use."""
    terms = list(glossary)
    patterns = {
        language: [
            (_pattern(word, term.term[language], language), _kept(term.kept, language), term.term[language])
            for term in terms
            for word in term.rejected.get(language, ())
        ]
        for language in LANGUAGES
    }
    found = []
    for text in texts:
        line = spoken(CODE.sub(" ", text.text))
        for pattern, kept, term in patterns[text.language]:
            for match in pattern.finditer(kept.sub("", line) if kept else line):
                found.append(f"{text.place}: {match.group()!r}: the glossary's word is {term!r}; use it here")
    return found


def _pattern(word: str, term: str, language: Language) -> re.Pattern[str]:
    if re.search(r"[가-힣]", word):
        # A particle may follow directly.
        return re.compile(rf"(?<![가-힣]){re.escape(word)}")
    # Latin words stand alone; in English their plural is the same word.
    plural = "s?" if language == "en" else ""
    # Where capitals make the difference, they count.
    counts = word.lower() == term.lower() or word.lower() != word
    return re.compile(
        rf"(?<![\w./-]){re.escape(word)}{plural}(?![A-Za-z0-9_/-])", re.NOFLAG if counts else re.IGNORECASE
    )


def _kept(words: Mapping[str, tuple[str, ...]], language: Language) -> re.Pattern[str] | None:
    kept = words.get(language)
    return re.compile("|".join(map(re.escape, kept))) if kept else None
