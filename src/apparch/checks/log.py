"""The judges of the family LOG: where logs go."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apparch.app.python_source import Module, modules
from apparch.app.repo import AppRepo
from apparch.app.source_text import code
from apparch.app.variables import examples_of
from apparch.checks._shared import finding, name
from apparch.finding import Answer
from apparch.repository import Problem
from apparch.repository.dotenv import parse_dotenv
from apparch.repository.places import spot

_HANDLERS = frozenset(
    {"logging.FileHandler", "logging.handlers.RotatingFileHandler", "logging.handlers.TimedRotatingFileHandler"}
    | {"logging.handlers.WatchedFileHandler", "concurrent_log_handler.ConcurrentRotatingFileHandler"}
)
_VARIABLE = re.compile(r"(?:\w+_)?LOG(?:GING|S)?_?(?:FILE|FILENAME|FILE_PATH|PATH|DIR|DIRECTORY|FOLDER)")
_STREAMS = re.compile(r"/dev/(?:stdout|stderr|fd/[12]|null)|/proc/(?:self|1)/fd/[12]|-")
_ELSEWHERE = re.compile(
    r"transports[.](?:File|DailyRotateFile)\s*\(|new\s+DailyRotateFile\s*\(|\blumberjack[.]Logger\s*\{"
    r"|Logger[.]new\s*\(\s*[\"'][^\"']*[.]log[\"']|pino[.]destination\s*\(\s*[\"'][^\"'\n]+[\"']"
    r"|[Ww]riteTo[.]File\s*\(|new\s+RotatingFileHandler\s*\(|tracing_appender::rolling::\w+\s*\("
)
_APPENDER = re.compile(
    r"class=\"[\w.]*(?:RollingFileAppender|FileAppender)\"|<(?:RollingFile|File|RollingRandomAccessFile)\s+name="
)

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def log002(app: AppRepo) -> Iterator[Answer]:
    """No log goes to a file, and no variable names one."""
    for module in modules(app):
        for node in (*module.of(ast.Call), *module.of(ast.Dict)):
            if told := _file_of(module, node):
                yield finding("LOG002", module.place(node), f"로그를 파일에 쓴다: {told}", f"it logs to a file: {told}")
    for path in app.product:
        is_settings = re.fullmatch(r"(?:log4j2?|logback)[\w.-]*[.]xml", name(path))
        text = app.root.text(path) if is_settings else code(app, path)
        text = _COMMENT.sub(_blanked, text) if is_settings and isinstance(text, str) else text
        for match in (_APPENDER if is_settings else _ELSEWHERE).finditer("" if isinstance(text, Problem) else text):
            place = spot(path, str(text), match.start(), match.end())
            told = " ".join(match[0].split()).rstrip("({ ")
            yield finding("LOG002", place, f"로그를 파일에 쓴다: {told}", f"it logs to a file: {told}")
    for path in examples_of(app)[:1]:
        entries = app.root.parsed(path, parse_dotenv)
        for entry in () if isinstance(entries, Problem) else entries:
            if _VARIABLE.fullmatch(entry.name):
                told = entry.name
                yield finding(
                    "LOG002", entry.place, f"{told}이(가) 로그 파일을 정한다", f"{told} names a file for logs"
                )


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
