"""The judges of the family LOG: where logs go."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.survey import File, answers, of_code, of_files, of_python
from apparch.app.variables import examples_of
from apparch.checks._logging import log001, log003, log004
from apparch.checks._pods import log005
from apparch.checks._shared import finding, inner, name
from apparch.finding import Answer
from apparch.repository import Problem
from apparch.repository.dotenv import parse_dotenv
from apparch.repository.roles import is_product

_HANDLERS = frozenset(
    {"logging.FileHandler", "logging.handlers.RotatingFileHandler", "logging.handlers.TimedRotatingFileHandler"}
    | {"logging.handlers.WatchedFileHandler", "concurrent_log_handler.ConcurrentRotatingFileHandler"}
)
_VARIABLE = re.compile(
    r"(?:\w+_)?LOG(?:GING|S)?_?(?:FILE|FILENAME|FILE_NAME|FILE_PATH|PATH|DIR|DIRECTORY|FOLDER|TO_FILE|FILE_ENABLED)"
    r"|(?:\w+_)?(?:FILE_LOG|FILE_LOGS|FILE_LOGGING)(?:_ENABLED|_PATH)?|LOG_FILE_(?:LEVEL|MAX_SIZE|ROTATION|RETENTION)"
)
_STREAMS = re.compile(r"/dev/(?:stdout|stderr|fd/[12]|null)|/proc/(?:self|1)/fd/[12]|-")
_ELSEWHERE = re.compile(
    r"transports[.](?:File|DailyRotateFile)\s*\(|new\s+DailyRotateFile\s*\(|\blumberjack[.]Logger\s*\{"
    r"|Logger[.]new\s*\(\s*[\"'][^\"']*[.]log[\"']|pino[.]destination\s*\(\s*[\"'][^\"'\n]+[\"']"
    r"|\bos[.](?:OpenFile|Create)\s*\(\s*\"[^\"\n]*[.]log\""
    r"|\blogrotate\(\s*\{\s*file\s*:|^[ \t]*stdout_redirect[ (]+[\"'](?!/dev/)[^\"'\n]+[\"']"
    r"|[Ww]riteTo[.]File\s*\(|new\s+RotatingFileHandler\s*\(|tracing_appender::rolling::\w+\s*\(",
    re.MULTILINE,
)
_APPENDER = re.compile(
    r"class=\"[\w.]*(?:RollingFileAppender|FileAppender)\"|<(?:RollingFile|File|RollingRandomAccessFile)\s+name="
)

_SETTINGS = re.compile(r"(?:log4j2?|logback)[\w.-]*[.]xml|application(?:-(?:prod|production))?[.](?:properties|ya?ml)")
_SPRING = re.compile(
    r"^logging[.]file(?:[.](?:name|path))?[ \t]*[=:][ \t]*\S+|^logging:[ \t]*\n(?:[ \t][^\n]*\n)*?[ \t]++file:[^\n]*",
    re.MULTILINE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def log002(app: AppRepo) -> Iterator[Answer]:
    """No log goes to a file, and no variable names one."""
    yield from answers(app, _of_python)
    yield from answers(app, _of_others)
    yield from answers(app, _of_settings)
    for path in examples_of(app)[:1]:
        entries = app.root.parsed(path, parse_dotenv)
        for entry in () if isinstance(entries, Problem) else entries:
            if _VARIABLE.fullmatch(entry.name):
                told = entry.name
                yield finding(
                    "LOG002", entry.place, f"{told}이(가) 로그 파일을 정한다", f"{told} names a file for logs"
                )


@of_python(b"FileHandler", b"basicConfig", (b"loguru", b"add"))
def _of_python(module: Module) -> Iterator[Answer]:
    for node in (*module.of(ast.Call), *module.of(ast.Dict)):
        if told := _file_of(module, node):
            yield finding("LOG002", module.place(node), f"로그를 파일에 쓴다: {told}", f"it logs to a file: {told}")


@of_code(
    *(b"os.OpenFile", b"os.Create"),
    *(b"transports", b"DailyRotateFile", b"lumberjack", b"Logger", b"destination", b"riteTo", b"RotatingFileHandler"),
    *(b"tracing_appender", b"logrotate", b"stdout_redirect"),
)
def _of_others(file: File) -> Iterator[Answer]:
    return _matched(file, _ELSEWHERE, file.code)


@of_files(
    among=lambda app, path: bool(_SETTINGS.fullmatch(name(path))) and is_product(inner(app, path)),
)
def _of_settings(file: File) -> Iterator[Answer]:
    text = file.app.root.text(file.path)
    pattern = _APPENDER if file.path.endswith(".xml") else _SPRING
    return _matched(file, pattern, "" if isinstance(text, Problem) else _COMMENT.sub(_blanked, text))


def _matched(file: File, pattern: re.Pattern[str], text: str) -> Iterator[Answer]:
    for match in pattern.finditer(text):
        told = " ".join(match[0].split()).rstrip("({ ")
        place = file.spot(match.start(), match.end())
        yield finding("LOG002", place, f"로그를 파일에 쓴다: {told}", f"it logs to a file: {told}")


def _file_of(module: Module, node: ast.AST) -> str:
    """What makes a log file, if the node does."""
    match node:
        case ast.Call(func=function):
            meant = module.meant(function)
            given = (
                node.args[0]
                if node.args
                else next((each.value for each in node.keywords if each.arg == "filename"), None)
            )
            if meant in _HANDLERS and not _is_stream(module, given):
                return meant
            if meant == "logging.basicConfig":
                file = next((each.value for each in node.keywords if each.arg == "filename"), None)
                is_none = file is None or (isinstance(file, ast.Constant) and file.value is None)
                return "" if is_none or _is_stream(module, file) else "logging.basicConfig(filename=...)"
            if meant == "loguru.logger.add" and (text := module.text(given)) and not _STREAMS.fullmatch(text):
                return f"loguru {text}"
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if key is not None and module.text(key) == "class" and (module.text(value) or "") in _HANDLERS:
                    return str(module.text(value))
    return ""


def _blanked(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _is_stream(module: Module, expression: ast.expr | None) -> bool:
    return bool(_STREAMS.fullmatch(module.text(expression) or ""))


__all__ = ["log001", "log003", "log004", "log005"]
