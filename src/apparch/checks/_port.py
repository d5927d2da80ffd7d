"""The judge of NET001: the port that the image exposes and the default of its variable are 8080."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apparch.app.base_images import starts_nothing
from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.routes import routes
from apparch.app.stages import Stage, final, lineage, released
from apparch.app.survey import File, answers, of_code, of_files, of_python
from apparch.app.variables import EXAMPLE, SCHEMA, examples_of
from apparch.checks._shared import finding, inner, name
from apparch.checks._started import started_by
from apparch.finding import Answer
from apparch.repository import Node, Place, Problem
from apparch.repository.dotenv import parse_dotenv
from apparch.repository.json_file import parse_json
from apparch.repository.roles import is_product

PORT = 8080
_OPTIONS = ("-p", "--port", "-b", "--bind", "-l", "--listen", "--http-port", "--server-port", "--server.port")
_NAMES = r"(?:(?:SERVICE|APP|HTTP|SERVER|API|WEB|LISTEN)_)?PORT"
_ELSEWHERE = re.compile(
    rf"\bprocess[.]env[.]{_NAMES}\s*(?:\|\||\?\?)\s*[\"']?(?P<js>[0-9]{{2,5}})\b"
    rf"|\b\w{{0,30}}[eE]nv\w{{0,30}}\(\s*\"{_NAMES}\"\s*,\s*\"?:?(?P<go>[0-9]{{2,5}})\b"
    rf"|\bENV[.]fetch\(\s*[\"']{_NAMES}[\"']\s*(?:,|\)\s*\{{)\s*[\"']?(?P<rb>[0-9]{{2,5}})\b"
    rf"|\benv::var\(\s*\"{_NAMES}\"\s*\)[^;\n]{{0,60}}?unwrap_or\w*\([^;\n]{{0,20}}?\"?(?P<rs>[0-9]{{2,5}})\b"
)
"""The default of a port's variable, as other languages than Python write it."""
_SPRING = re.compile(
    r"^server[.]port\s*[=:]\s*(?:\$\{\w+:)?(?P<flat>[0-9]{2,5})\b"
    r"|^server:\s*\n(?:[ \t][^\n]*\n)*?[ \t]++port:\s*(?:\$\{\w+:)?(?P<deep>[0-9]{2,5})\b",
    re.MULTILINE,
)
_APACHE = re.compile(r"(?:docker\.io/)?(?:library/)?php:[\w.-]*apache")
"""Images of PHP that expose 80, where Apache listens unless its files say otherwise."""
_SETTINGS = re.compile(r"application[.](?:properties|ya?ml)")


def net001(app: AppRepo) -> Iterator[Answer]:
    """EXPOSE and the default of SERVICE_PORT say 8080."""
    found = [*_exposed(app), *_defaults(app)]
    yield from found or _written(app)


def _exposed(app: AppRepo) -> Iterator[Answer]:
    images = list(released(app))
    for _, stages in images:
        named = [(stage, each) for stage in lineage(stages, final(stages)) for each in stage.all("EXPOSE")]
        said = [stage.expanded(each.argument, each) for stage, each in named]
        ports = [word.partition("/")[0] for text in said if text for word in text.split()]
        if not named:
            yield from _unexposed(app, stages, alone=len(images) == 1)
        elif None not in said and str(PORT) not in ports:
            words = " ".join(ports)
            ko, en = f"EXPOSE가 {PORT}이 아니라 {words}이다", f"EXPOSE says {words}, not {PORT}"
            yield finding("NET001", named[0][1].place, ko, en)


def _unexposed(app: AppRepo, stages: tuple[Stage, ...], *, alone: bool) -> Iterator[Answer]:
    """An image that exposes nothing though its start tells a port, or the one image of source that serves paths."""
    for each in started_by(app, stages):
        for value in each.run.option(*_OPTIONS):
            if port := re.fullmatch(r"(?:[\w.\[\]:]*:)?([0-9]{2,5})", value):
                ko, en = f"EXPOSE 없이 {port[1]}번 포트에서 받는다", f"it listens at {port[1]}, and there is no EXPOSE"
                yield finding("NET001", each.place, ko, en)
                return
    base = lineage(stages, final(stages))[-1].image
    told = app.glance(final(stages).begin.place.path)
    if base and _APACHE.match(base) and not re.search(rf"{PORT}|ports[.]conf|sites-available", told):
        ko, en = f"EXPOSE가 {PORT}이 아니라 바탕 이미지의 80이다", f"EXPOSE is that of the base image, 80, not {PORT}"
        yield finding("NET001", final(stages).begin.place, ko, en)
        return
    if alone and starts_nothing(base) and routes(app):
        ko, en = f"경로를 여는 이미지에 EXPOSE {PORT}이 없다", f"the image serves paths and has no EXPOSE {PORT}"
        yield finding("NET001", final(stages).begin.place, ko, en)


def _defaults(app: AppRepo) -> Iterator[Answer]:
    schema = app.repository.parsed(SCHEMA, parse_json) if app.has(SCHEMA) else None
    if isinstance(schema, Node):
        default = schema.at("properties", "SERVICE_PORT", "default")
        if default.number is not None and default.number != PORT:
            yield _other_default(default.place, "SERVICE_PORT", str(default))
    lists = [app.place(EXAMPLE).path] if app.has(EXAMPLE) else examples_of(app)[:1]
    entries = app.root.parsed(lists[0], parse_dotenv) if lists else ()
    for entry in () if isinstance(entries, Problem) else entries:
        if re.fullmatch(_NAMES, entry.name) and entry.value.isdigit() and entry.value != str(PORT):
            yield _other_default(entry.place, entry.name, entry.value)
            break


def _written(app: AppRepo) -> list[Answer]:
    """The first default that the source, or Spring's settings, give the port, where the image sets no other."""
    images = [instruction for _, stages in released(app) for each in stages for instruction in each.all("ENV")]
    if any(re.search(rf"\b{_NAMES}[= ]{PORT}\b", each.argument) for each in images):
        return []
    found = (*answers(app, _in_python), *answers(app, _in_code), *answers(app, _in_settings))
    return [_other_default(place, "SERVICE_PORT", port) for place, port in found if port != str(PORT)][:1]


@of_python(re.compile(rb"PORT\b"))
def _in_python(module: Module) -> Iterator[tuple[Place, str]]:
    for node in module.of(ast.Call):
        match node.args:
            case [key, ast.Constant(value=default)] if module.meant(node.func) in (
                "os.getenv",
                "os.environ.get",
                "decouple.config",
            ):
                if re.fullmatch(_NAMES, module.text(key) or "") and str(default).isdigit():
                    yield module.place(node), str(default)


@of_code(re.compile(rb"PORT\b"))
def _in_code(file: File) -> Iterator[tuple[Place, str]]:
    for match in _ELSEWHERE.finditer(file.code):
        yield file.spot(*match.span()), next(each for each in match.groups() if each)


@of_files(b"port", among=lambda app, path: bool(_SETTINGS.fullmatch(name(path))) and is_product(inner(app, path)))
def _in_settings(file: File) -> Iterator[tuple[Place, str]]:
    for match in _SPRING.finditer(file.text):
        yield file.spot(*match.span()), match["flat"] or match["deep"]


def _other_default(place: Place, named: str, value: str) -> Answer:
    ko, en = f"{named}의 기본값이 {PORT}이 아니라 {value}이다", f"the default of {named} is {value}, not {PORT}"
    return finding("NET001", place, ko, en)
