"""The lines of plain text that source in other languages than Python has its loggers write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.survey import File, of_code
from apparch.checks._shared import finding, is_for_a_person
from apparch.finding import Answer
from apparch.repository.path_names import ending

_JS = frozenset({".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"})
_FORMS = (
    (
        _JS,
        re.compile(
            r"\bmorgan\(\s*[\"'](?:dev|combined|common|short|tiny)[\"']|\bformat[.](?:simple|cli|prettyPrint)\(\)"
        ),
    ),
    (
        frozenset({".go"}),
        re.compile(
            r"\bslog[.]NewTextHandler\(|\blogrus[.]TextFormatter\{|\bzap[.]NewDevelopment\("
            r"|\bgin[.](?:Default|Logger)\(\)"
        ),
    ),
    (
        frozenset({".rs"}),
        re.compile(
            r"\btracing_subscriber::fmt(?:::init\(|\(\)(?![^;]{0,1500}?\b(?:json|event_format|with_writer)\())"
            r"|\benv_logger::init\(|\bsimple_logger::\w+"
        ),
    ),
)
_JSON = re.compile(
    r"format[.]json\(|NewJSONHandler|JSONFormatter|JsonFormatter|NewProduction|zerolog[.]New|[.]json\(\)\s*[.]init"
    r"|fmt::layer\(\)[\s.\w()]*json\(|\bsubscriber::fmt\(\)[^;]{0,1500}?[.]json\(|gin[.]LoggerWithFormatter|gin[.]LoggerWithConfig|pino\("
)
"""What makes lines of JSON, by which the plain ones may be those of a developer's own machine."""


@of_code(b"morgan", b"format.", b"slog", b"logrus", b"zap.", b"gin.", b"_logger", b"tracing_subscriber")
def plain(file: File) -> Iterator[Answer]:
    """What is told of each logger that is set up so."""
    if is_for_a_person(file.path):
        return
    for endings, pattern in _FORMS:
        for match in pattern.finditer(file.code) if ending(file.path) in endings else ():
            told = match[0].rstrip("({ ")
            ko, en = f"{told}: 로그 한 줄이 JSON이 아니다", f"{told}: a line of the log is no JSON"
            yield finding("LOG003", file.spot(*match.span()), ko, en)


@of_code(b"json", b"JSON", b"Json", b"NewProduction", b"zerolog", b"gin.Logger", b"pino")
def as_json(file: File) -> Iterator[bool]:
    """That some file sets up lines of JSON."""
    if _JSON.search(file.code):
        yield True
