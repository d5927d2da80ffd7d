"""The judges of logging as Python sets it up: LOG001, LOG003 and LOG004, and ENV007 about what is logged."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from apparch.app.dependencies import uses
from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.survey import File, answers, of_code, of_python
from apparch.catalogue.model import Text
from apparch.checks._logging_elsewhere import as_json, plain
from apparch.checks._shared import finding, is_for_a_person
from apparch.finding import Answer, Finding
from apparch.repository import Place

_AWAY = frozenset(
    {"logging.handlers.SysLogHandler", "logging.handlers.SocketHandler", "logging.handlers.DatagramHandler"}
    | {"logging.handlers.HTTPHandler", "logging.handlers.NTEventLogHandler"}
)
_STDERR = ("sys.stderr", "sys.__stderr__")
_JSON = frozenset(
    {"python-json-logger", "structlog", "json-log-formatter", "ecs-logging", "google-cloud-logging", "loguru"}
    | {"logmatic-python", "jsonlogger", "aws-lambda-powertools", "json-logging", "pythonjsonlogger"}
)
_LEVEL = re.compile(r"log(?:ging)?_?level", re.IGNORECASE)
_LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "WARN", "ERROR", "CRITICAL"})
_LOGGED = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})
_LOGGERS = re.compile(r"_*(?:log|logger|logging|audit_log|access_log)", re.IGNORECASE)
_SECRET = re.compile(
    r"(?:\w+_)?(?:password|passwd|secret_key|api_key|apikey|access_key|access_token|refresh_token|auth_token|bot_token"
    r"|private_key|client_secret)",
    re.IGNORECASE,
)
_SHOWN = re.compile(
    r"\bconsole\.\w+\([^;\n]*?\bprocess\.env\.(?P<name>\w*(?:PASSWORD|SECRET|API_KEY|TOKEN))\b(?!\s*(?:[?!=]|&&))"
)


class Setting(NamedTuple):
    """What a module says of how it logs."""

    what: Literal["elsewhere", "format", "json", "level", "told"]
    place: Place
    ko: str = ""
    en: str = ""


def log001(app: AppRepo) -> Iterator[Answer]:
    """Logs go to standard output, not to standard error, where Python sends them by itself, nor anywhere else."""
    for each in answers(app, _settings):
        if each.what == "elsewhere":
            yield finding("LOG001", each.place, each.ko, each.en)


def log003(app: AppRepo) -> Iterator[Answer]:
    """Lines are JSON: no format of plain text is all that there is."""
    found = answers(app, _settings)
    if uses(app, _JSON) or any(each.what == "json" for each in found):
        return
    for each in found:
        if each.what == "format":
            yield finding("LOG003", each.place, each.ko, each.en)
    if not answers(app, as_json):
        yield from answers(app, plain)


def log004(app: AppRepo) -> Iterator[Answer]:
    """LOG_LEVEL decides: no level is fixed where nothing reads one."""
    found = answers(app, _settings)
    if answers(app, _level_told):
        return
    for each in found:
        if each.what == "level":
            yield finding("LOG004", each.place, each.ko, each.en)


@of_python(b"basicConfig", b"Handler", b"Formatter", b"setLevel")
def _settings(module: Module) -> Iterator[Setting]:
    aside = is_for_a_person(module.path)
    for node in module.of(ast.Call):
        meant = module.meant(node.func)
        given = {each.arg: each.value for each in node.keywords if each.arg}
        if meant == "logging.basicConfig" and not aside and not any(each.arg is None for each in node.keywords):
            yield from _basic(module, node, given)
        elif meant == "logging.StreamHandler" and not aside:
            stream = node.args[0] if node.args else given.get("stream")
            if stream is None or module.meant(stream) in _STDERR:
                yield _stderr(module.place(node), "logging.StreamHandler")
        elif meant in _AWAY and not aside:
            yield Setting(
                "elsewhere",
                module.place(node),
                f"로그를 표준 출력이 아닌 곳에 보낸다: {meant}",
                f"it sends logs elsewhere than to standard output: {meant}",
            )
        elif meant == "logging.Formatter" and not aside:
            yield from _format(module, node.args[0] if node.args else given.get("fmt"))
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "setLevel" and not aside:
            yield from _fixed(module, node)
    yield from _listed(module) if not aside else ()
    if any(_is_json_formatter(module, each) for each in module.of(ast.ClassDef)):
        yield Setting("json", module.place(module.tree))


def _basic(module: Module, node: ast.Call, given: dict[str, ast.expr]) -> Iterator[Setting]:
    stream = given.get("stream")
    if not {"handlers", "filename"} & set(given) and (stream is None or module.meant(stream) in _STDERR):
        yield _stderr(module.place(node), "logging.basicConfig")
    called = (each.func for each in module.of(ast.Call))
    set_apart = any(isinstance(each, ast.Attribute) and each.attr == "setFormatter" for each in called)
    if "handlers" not in given or not set_apart:
        yield from _format(module, given.get("format"))
    if "level" in given:
        yield from _level(module, given["level"])


def _listed(module: Module) -> Iterator[Setting]:
    """The formats of plain text in a mapping for `dictConfig` whose handlers to the console use no other."""
    for node in module.of(ast.Dict):
        given = _mapping(module, node)
        formats, handlers = (_mapping(module, given.get(key)) for key in ("formatters", "handlers"))
        made = {key: _mapping(module, value) for key, value in formats.items()}
        if any(key in each for each in made.values() for key in ("()", "class", "fmt")):
            continue
        for handler in handlers.values():
            said = _mapping(module, handler)
            used = made.get(module.text(said.get("formatter")) or "", {})
            text = module.text(used.get("format")) or ""
            shows = "%(message)s" in text or "{message}" in text
            if (
                module.text(said.get("class")) == "logging.StreamHandler"
                and shows
                and not text.lstrip().startswith('{"')
            ):
                place = module.place(used["format"])
                yield Setting("format", place, "로그 한 줄이 JSON이 아니다", "a line of the log is no JSON")
                break


def _mapping(module: Module, expression: ast.expr | None) -> dict[str, ast.expr]:
    """What a mapping that is written out gives to its keys; empty for anything else."""
    if not isinstance(expression, ast.Dict):
        return {}
    pairs = zip(expression.keys, expression.values, strict=True)
    return {text: value for key, value in pairs if key is not None and (text := module.text(key)) is not None}


def _stderr(place: Place, what: str) -> Setting:
    return Setting("elsewhere", place, f"{what}: 로그가 표준 오류로 간다", f"{what} sends logs to standard error")


def _format(module: Module, expression: ast.expr | None) -> Iterator[Setting]:
    text = module.text(expression)
    if expression is not None and text and "%(message)s" in text and not text.lstrip().startswith("{"):
        yield Setting("format", module.place(expression), "로그 한 줄이 JSON이 아니다", "a line of the log is no JSON")


def _fixed(module: Module, node: ast.Call) -> Iterator[Setting]:
    """The level of the root logger, which all others take over."""
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    is_root = module.meant(owner) in ("logging.root", "logging.getLogger().root")
    if isinstance(owner, ast.Call):
        is_root = module.meant(owner.func) == "logging.getLogger" and not owner.args
    if is_root and node.args:
        yield from _level(module, node.args[0])


def _level(module: Module, expression: ast.expr) -> Iterator[Setting]:
    named = module.text(expression) or module.meant(expression)
    plain = named.removeprefix("logging.")
    if plain in _LEVELS and (named != plain or isinstance(expression, ast.Constant)):
        yield Setting(
            "level",
            module.place(expression),
            f"로그 레벨을 LOG_LEVEL이 아니라 코드가 {plain}으로 정한다",
            f"the code fixes the level of logs at {plain}, and nothing reads LOG_LEVEL",
        )


def _is_json_formatter(module: Module, node: ast.ClassDef) -> bool:
    """Whether a class makes lines of JSON."""
    if not any(module.meant(base).endswith("Formatter") for base in node.bases):
        return False
    named = (each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in ast.walk(node))
    return any(each in ("dumps", "json") for each in named)


@of_python(lowered=(re.compile(rb"log(?:ging)?_?level"),), escaped=True)
def _level_told(module: Module) -> Iterator[bool]:
    """That some module names a level of logs, so that something may read it."""
    named = [
        *(text for _, text in module.texts),
        *(each.id for each in module.of(ast.Name)),
        *(each.attr for each in module.of(ast.Attribute)),
        *(each.arg for each in module.of(ast.arg)),
        *(each.arg or "" for each in module.of(ast.keyword)),
    ]
    if any(_LEVEL.search(each) for each in named):
        yield True


def env007(app: AppRepo) -> Iterator[Answer]:
    """No log is given a secret as it is."""
    yield from answers(app, _logged_secrets)
    yield from answers(app, _shown_secrets)


@of_python(
    lowered=(
        (
            frozenset(
                b"passwd password secret_key apikey api_key access_key access_token refresh_token auth_token bot_token"
                b" private_key client_secret".split()
            ),
            re.compile(rb"log(?:ger|ging)?\s*[.]\s*(?:debug|info|warn|error|exception|critical|log)"),
        ),
    )
)
def _logged_secrets(module: Module) -> Iterator[Answer]:
    for node in module.of(ast.Call):
        match node.func:
            case ast.Attribute(value=owner, attr=attr) if attr in _LOGGED and _LOGGERS.fullmatch(_last(owner)):
                for each in node.args:
                    yield from (_printed(module, secret) for secret in _secrets(module, each))


def _last(owner: ast.expr) -> str:
    return owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""


def _secrets(module: Module, expression: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """The secrets that stand in what is logged as they are: no call hides, cuts or counts them."""
    match expression:
        case ast.JoinedStr(values=values):
            for each in values:
                if isinstance(each, ast.FormattedValue):
                    yield from _secrets(module, each.value)
        case ast.BinOp(left=left, right=right):
            yield from _secrets(module, left)
            yield from _secrets(module, right)
        case ast.Tuple(elts=elements):
            for each in elements:
                yield from _secrets(module, each)
        case ast.Subscript(value=value, slice=key) if module.meant(value) == "os.environ":
            if _SECRET.fullmatch(module.text(key) or ""):
                yield expression, module.text(key) or ""
        case ast.Name(id=name) | ast.Attribute(attr=name) if _SECRET.fullmatch(name) and not name.isupper():
            yield expression, name


def _printed(module: Module, found: tuple[ast.expr, str]) -> Answer:
    return _secret(module.place(found[0]), found[1])


def _secret(place: Place, name: str) -> Answer:
    message = Text(ko=f"비밀 {name}을(를) 로그에 쓴다", en=f"it logs the secret {name}")
    return Finding("ENV007", place, message)


@of_code((b"console", b"env"))
def _shown_secrets(file: File) -> Iterator[Answer]:
    for match in _SHOWN.finditer(file.code):
        yield _secret(file.spot(match.start("name"), match.end("name")), match["name"])
