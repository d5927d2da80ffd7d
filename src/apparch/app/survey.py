"""One reading of an app's files: each is opened once, asked all that judges want to know of it, and dropped.

A judge that has to know what source says makes a question of it, a function of one module or file that yields small
facts, and takes the answers for all of the app:

    @of_python(b"signal")
    def _taken(module: Module) -> Iterator[Taken]: ...

    def shd006(app: AppRepo) -> Iterator[Answer]:
        for each in answers(app, _taken): ...

The first judge that wants an answer has all questions asked that are known by then, in one pass. A syntax tree takes
twenty times as much memory as its text, and a walk over it as much time as making it: so a fact holds no node, no
module and no file, and a question names the words of which one stands in every module or file that has an answer. It
is not asked of the others. Words are searched in the bytes as they are written, so that they have to be there however
the same thing can be written: the name that is imported and no name that it may be given, and what both kinds of
quotes leave of a text. A word that stands in everyday ones, as `port` in `import`, promises nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from apparch.app.python_source import Module, module_of, source_files
from apparch.app.repo import AppRepo, as_text
from apparch.app.source_text import Literal as TextLiteral
from apparch.app.source_text import code_of, is_code, literals_of
from apparch.app.words import Words
from apparch.repository import Place, Problem
from apparch.repository.places import spot
from apparch.repository.python_file import check_python, parse_python

S = TypeVar("S")
F = TypeVar("F")
Word = bytes | re.Pattern[bytes] | frozenset[bytes]
"""A word, a pattern, or words of which one has to be there."""
Needed = Word | tuple[Word, ...]
"""One of them, or several that all have to be there."""
_ESCAPED = re.compile(rb"\\(?:[xuUN]|[0-7])")
"""How a text holds signs that its source does not show."""


class File:
    """A file while it is open, and what is made of it at most once."""

    def __init__(self, app: AppRepo, path: str, data: bytes) -> None:
        self.app, self.path, self.data = app, path, data
        self._held: dict[Words, int] = {}

    def held(self, words: Words) -> int:
        """The bits of those of some words that stand in it."""
        found = self._held.get(words)
        if found is None:
            found = self._held[words] = words.held_by(self.data)
        return found

    @cached_property
    def is_escaped(self) -> bool:
        """Whether a text in it may hold signs that its source does not show."""
        return _ESCAPED.search(self.data) is not None

    @cached_property
    def lowered(self) -> bytes:
        """Its bytes in lower case."""
        return self.data.lower()

    @cached_property
    def text(self) -> str:
        """Its text, what is no UTF-8 replaced; empty for a binary one."""
        return as_text(self.data)

    @cached_property
    def code(self) -> str:
        """Its source with its comments blanked, of the same length; empty for generated code."""
        return code_of(self.path, self.text)

    @cached_property
    def literals(self) -> tuple[TextLiteral, ...]:
        """The string literals of its source that may be addresses or paths."""
        return tuple(literals_of(self.path, self.text))

    def spot(self, begin: int, end: int) -> Place:
        """The place of a part of its text."""
        return spot(self.path, self.text, begin, end)


@dataclass(frozen=True, eq=False)
class Question(Generic[S, F]):
    """What is asked of each module or file, and the words without one of which there is no answer."""

    ask: Callable[[S], Iterable[F]]
    of: Literal["python", "code", "file"]
    words: tuple[Needed, ...]
    lowered: tuple[Needed, ...] = ()
    """Words that are searched in lower case."""
    escaped: bool = False
    """Whether an answer may lie in a text, which can be written by the numbers of its signs."""
    among: Callable[[AppRepo, str], bool] = lambda app, path: True
    """The files that it is asked of."""


class Sieve:
    """Which of some questions a file may answer: all their words are looked for at once."""

    def __init__(self, questions: Iterable[Question[Any, Any]]) -> None:
        self._needs = {each: (_needed(each.words), _needed(each.lowered)) for each in questions}
        self._words = Words(
            _all_words(need for written, _ in self._needs.values() for need in written),
            _all_words(need for _, lowered in self._needs.values() for need in lowered),
        )
        self._tests = {each: self._tests_of(each) for each in self._needs}
        self._groups: dict[Callable[[AppRepo, str], bool], list[Question[Any, Any]]] = {}
        for each in self._needs:
            self._groups.setdefault(each.among, []).append(each)

    def about(self, app: AppRepo, path: str) -> list[Question[Any, Any]]:
        """Those of the questions that are about a file, by its path."""
        return [each for among, group in self._groups.items() if among(app, path) for each in group]

    def promised(self, file: File, asked: Iterable[Question[Any, Any]]) -> list[Question[Any, Any]]:
        """Those of the questions that are asked of a file of which it holds what an answer would have to hold."""
        return [
            each
            for each in asked
            if not (tests := self._tests[each]) or self._passes_one(file, tests) or (each.escaped and file.is_escaped)
        ]

    def _passes_one(self, file: File, tests: list[_Test]) -> bool:
        # Most of a run's time is spent here on large repositories.
        held = -1
        for masks, patterns, lowered in tests:
            if masks:
                if held < 0:
                    held = file.held(self._words)
                for mask in masks:
                    if not held & mask:
                        break
                else:
                    if not patterns or _all_stand(file, patterns, lowered):
                        return True
            elif _all_stand(file, patterns, lowered):
                return True
        return False

    def _tests_of(self, question: Question[Any, Any]) -> list[_Test]:
        return [
            (
                tuple(self._mask(word, lowered) for word in need if not isinstance(word, re.Pattern)),
                tuple(word.search for word in need if isinstance(word, re.Pattern)),
                lowered,
            )
            for lowered, needs in zip((False, True), self._needs[question], strict=True)
            for need in needs
        ]

    def _mask(self, word: bytes | frozenset[bytes], lowered: bool) -> int:
        alternatives = word if isinstance(word, frozenset) else (word,)
        return sum(self._words.bit(each, lowered=lowered) for each in alternatives)


Search = Callable[[bytes], object]
_Test = tuple[tuple[int, ...], tuple[Search, ...], bool]
"""The bits of words, of each of which one has to be there, and patterns, searched in lower case or as it is written."""


def _all_stand(file: File, searches: tuple[Search, ...], lowered: bool) -> bool:
    data = file.lowered if lowered else file.data
    for search in searches:  # noqa: SIM110 (a generator takes as long again)
        if search(data) is None:
            return False
    return True


def _needed(words: tuple[Needed, ...]) -> list[tuple[Word, ...]]:
    return [each if isinstance(each, tuple) else (each,) for each in words]


def _all_words(needs: Iterable[tuple[Word, ...]]) -> Iterator[bytes]:
    for need in needs:
        for word in need:
            if isinstance(word, bytes | frozenset):
                yield from (word,) if isinstance(word, bytes) else sorted(word)


QUESTIONS: list[Question[Any, Any]] = []
"""All that are known, in the order in which they were made."""


def of_python(
    *words: Needed,
    lowered: tuple[Needed, ...] = (),
    escaped: bool = False,
    among: Callable[[AppRepo, str], bool] = lambda app, path: True,
) -> Callable[[Callable[[Module], Iterable[F]]], Question[Module, F]]:
    """Make a question of a function that is asked of the modules of the service, by their syntax trees."""
    return lambda ask: _made(Question(ask, "python", words, lowered, escaped, among))


def of_code(
    *words: Needed, lowered: tuple[Needed, ...] = ()
) -> Callable[[Callable[[File], Iterable[F]]], Question[File, F]]:
    """Make a question of a function that is asked of the product's source in other languages than Python."""
    return lambda ask: _made(Question(ask, "code", words, lowered))


def of_files(
    *words: Needed, lowered: tuple[Needed, ...] = (), among: Callable[[AppRepo, str], bool]
) -> Callable[[Callable[[File], Iterable[F]]], Question[File, F]]:
    """Make a question of a function that is asked of all files of the app that are among some."""
    return lambda ask: _made(Question(ask, "file", words, lowered, among=among))


def answers(app: AppRepo, question: Question[S, F]) -> list[F]:
    """All answers to a question, in the order of the files; they are asked for once."""
    known: dict[Question[Any, Any], list[Any]] = app.root.memo(answers).setdefault(app.directory, {})
    if question not in known:
        known.update(surveyed(app, [question, *(each for each in QUESTIONS if each not in known and each != question)]))
    return known[question]


def surveyed(app: AppRepo, questions: Iterable[Question[Any, Any]]) -> dict[Question[Any, Any], list[Any]]:
    """Ask some questions of all files that they are about."""
    found: dict[Question[Any, Any], list[Any]] = {each: [] for each in questions}
    kinds = {kind: [each for each in found if each.of == kind] for kind in ("python", "code", "file")}
    python = frozenset(source_files(app)) if kinds["python"] else frozenset()
    code = frozenset(path for path in app.product if is_code(path)) if kinds["code"] else frozenset()
    by_file, by_code, by_module = (Sieve(kinds[kind]) for kind in ("file", "code", "python"))
    for path in app.files:
        asked = [(sieve, sieve.about(app, path)) for sieve in ((by_file, by_code) if path in code else (by_file,))]
        data = app.root.content(path) if any(about for _, about in asked) else None
        if isinstance(data, bytes):
            file = File(app, path, data)
            for sieve, about in asked:
                for each in sieve.promised(file, about):
                    found[each] += each.ask(file)
        if path in python:
            _ask_module(app, path, by_module, found)
    return found


def _made(question: Question[S, F]) -> Question[S, F]:
    QUESTIONS.append(question)
    return question


def _ask_module(
    app: AppRepo,
    path: str,
    sieve: Sieve,
    found: dict[Question[Any, Any], list[Any]],
) -> None:
    """Ask a module what its words promise; one that promises nothing has to be readable all the same."""
    text = app.root.text(path)
    if isinstance(text, Problem):
        return
    # Python takes signs for one another that are written differently and mean the same.
    written = text if text.isascii() else unicodedata.normalize("NFKC", text)
    file = File(app, path, written.encode("utf-8"))
    asked = sieve.promised(file, sieve.about(app, path))
    if not asked:
        readable = app.root.memo(check_python)
        if path not in readable:
            readable[path] = app.root.read(path, check_python)
        return
    tree = app.root.read(path, parse_python)
    if not isinstance(tree, Problem):
        module = module_of(app, path, tree)
        for each in asked:
            found[each] += each.ask(module)
