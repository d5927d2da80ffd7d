"""The calls that clients of other languages than Python and Go make without a time limit, which they have none of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.survey import File, of_code
from apparch.checks._shared import finding, is_for_a_person
from apparch.finding import Answer
from apparch.repository.path_names import ending

_JS = frozenset({".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"})
_FORMS = (
    (_JS, re.compile(r"(?<![\w.])axios(?:[.](?:get|post|put|patch|delete|head|request))?(?=\()")),
    (frozenset({".rs"}), re.compile(r"\breqwest::get(?=\()|\breqwest::Client::new(?=\(\))")),
    (frozenset({".java", ".kt"}), re.compile(r"\b(?:new )?RestTemplate(?=\(\))")),
    (frozenset({".php"}), re.compile(r"\bnew (?:\\?GuzzleHttp\\)Client(?=\(\s*\))")),
    (frozenset({".go"}), re.compile(r"\bhttp[.]Client(?=\{\s*\})")),
)
_LIMITED = re.compile(
    r"time_?outs?\b|Timeout|AbortSignal|signal\s*:|WithDeadline|WithContext|RestTemplateBuilder", re.IGNORECASE
)
"""What says in a file that its calls end some time."""
_OF_A_PAGE = re.compile(
    r"(?:^|/)(?:client|clients|frontend|front|web|webapp|ui|public|components|views|pages|hooks|stores?|www|static|assets|browser)/"
)
"""Where source stands that runs in a browser."""
_IN_A_PAGE = re.compile(r"\bfrom\s+[\"'](?:react|vue|svelte|@angular)|\b(?:window|document|localStorage)[.]")


@of_code(b"axios", b"reqwest", b"RestTemplate", b"Guzzle", b"http.Client")
def endless(file: File) -> Iterator[Answer]:
    """What is told of each such call."""
    if is_for_a_person(file.path) or _OF_A_PAGE.search(file.path) or _LIMITED.search(file.code):
        return
    if _IN_A_PAGE.search(file.code):
        return
    for endings, pattern in _FORMS:
        for match in pattern.finditer(file.code) if ending(file.path) in endings else ():
            name = match[0].removeprefix("new ")
            yield finding("RES007", file.spot(*match.span()), f"{name}에 시간 제한이 없다", f"{name} has no time limit")


@of_code((b"axios", b"timeout"))
def limited(file: File) -> Iterator[bool]:
    """That some file gives all calls of axios a limit."""
    if re.search(r"axios[.]defaults[.]timeout|axios[.]defaults\s*=", file.code):
        yield True
