"""The judges of how an app is started and where it says at which port it listens: DIR004 and TWF006."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from apparch.app.python_source import Module, packages
from apparch.app.repo import AppRepo
from apparch.app.stages import released
from apparch.app.survey import File, answers, of_code, of_python
from apparch.checks._shared import finding, is_for_a_person
from apparch.checks._started import Started, started, started_by
from apparch.finding import Answer
from apparch.repository import Place

_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "waitress-serve", "flask", "fastapi"})
_OPTIONS = ("-p", "--port", "-b", "--bind", "-l", "--listen")
_RUNS = frozenset({"uvicorn.run", "aiohttp.web.run_app", "waitress.serve"})
_CALLED = re.compile(
    r"(?:\bListenAndServe(?:TLS)?\(\s*|\bhttp\.Server\{[^}]*?\bAddr:\s*)\"[\w.]*:(?P<go>[0-9]{2,5})\""
    r"|\b(?:app|server|fastify|router)\.listen\(\s*(?:\{\s*port\s*:\s*)?(?P<js>[0-9]{2,5})\b"
    r"|\b(?:r|e|app|router|engine)\.(?:Run|Start|Listen)\(\s*\"[\w.]*:(?P<framework>[0-9]{2,5})\""
    r"|\bTcpListener::bind\(\s*\"(?:0\.0\.0\.0|\[::\]):(?P<rust>[0-9]{2,5})\""
    r"|\.bind\(\s*\(?\"0\.0\.0\.0(?::|\",\s*)(?P<actix>[0-9]{2,5})|\bUseUrls\(\s*\"https?://[\w.*+]*:(?P<dotnet>[0-9]{2,5})"
)
_CONSTANT = re.compile(
    r"\b(?:r|e|app|router|engine)\.(?:Run|Start|Listen)\(\s*fmt\.Sprintf\(\s*\"[\w.]*:%[dv]\"\s*,\s*(?P<name>\w+)\s*\)"
)
"""A port that Go source listens at by the name of a constant."""
_PORT_NAME = re.compile(r"[\"'.\[\s](?:[A-Z]\w*_)?PORT\b|(?i:\bport\b[^\n]{0,40}\benv)")


def dir004(app: AppRepo) -> Iterator[Answer]:
    """The image starts the installed package by `python -m`, whose main.py is there."""
    found = {name for name, folder in packages(app).items() if folder.startswith(f"{app.repository.prefix}src/")}
    for _, stages in released(app):
        commands = list(started_by(app, stages))
        for each in commands:
            if (said := _started_otherwise(each)) is not None:
                yield finding(
                    "DIR004",
                    each.place,
                    f"이미지가 python -m이 아니라 {said}로 앱을 시작한다",
                    f"the image starts the app by {said}, not by python -m",
                )
            elif _module(each) in found and not app.has(f"src/{each.run.name}/main.py"):
                yield finding(
                    "DIR004",
                    each.place,
                    f"src/{each.run.name}/main.py가 없다",
                    f"there is no src/{each.run.name}/main.py",
                )


def _module(each: Started) -> str:
    """The package that `python -m` starts; empty for what is started otherwise."""
    return each.run.name if "-m" in each.words else ""


def _started_otherwise(each: Started) -> str | None:
    if each.run.name in _SERVERS and (each.run.words or each.run.name == "flask"):
        return each.run.name
    first = next((word for word in each.run.arguments if not word.startswith("-")), "")
    if re.fullmatch(r"python[0-9.]*", each.run.name) and re.fullmatch(r"[\w./-]+\.py", first):
        helps = re.search(r"manage\.py$", first) and each.run.words[1:2] not in (("runserver",),)
        return None if helps or not _is_last(each) else f"{each.run.name} {first}"
    return None


def _is_last(each: Started) -> bool:
    """Whether it is what the image becomes: no shell goes on behind it."""
    return each.command is None or each.command.replaces or not each.command.after.strip()


def twf006(app: AppRepo) -> Iterator[Answer]:
    """The port that is listened at comes from a variable."""
    for each in started(app):
        if each.run.name not in _SERVERS:
            continue
        for value in each.run.option(*_OPTIONS):
            number = re.fullmatch(r"(?:[\w.\[\]:]*:)?([0-9]{2,5})", value)
            if number:
                yield _fixed(each.place, number[1])
    if not answers(app, _named_in_python) and not answers(app, _named_elsewhere):
        yield from answers(app, _fixed_in_python)
        if not any(each.run.name in _SERVERS for each in started(app)):
            yield from answers(app, _run_by_itself)
        yield from answers(app, _fixed_elsewhere)


@of_python(re.compile(rb"PORT\b"), lowered=((re.compile(rb"port(?<=\bport)\b"), b"env"),), escaped=True)
def _named_in_python(module: Module) -> Iterator[bool]:
    """Whether some text names a variable of a port, so that a fixed one may be another's."""
    if any(_PORT_NAME.search(f" {text}") for _, text in module.texts):
        yield True


@of_code(re.compile(rb"PORT\b"), lowered=((re.compile(rb"port(?<=\bport)\b"), b"env"),))
def _named_elsewhere(file: File) -> Iterator[bool]:
    names = (each[0] for each in _PORT_NAME.finditer(file.code))
    if any(not each[0].isspace() or not _number(file, each.strip()) for each in names):
        yield True


@of_python((re.compile(rb"port\s*="), frozenset({b"uvicorn", b"web", b"waitress"})))
def _fixed_in_python(module: Module) -> Iterator[Answer]:
    if is_for_a_person(module.path):
        return
    for node in module.of(ast.Call):
        if module.meant(node.func) in _RUNS:
            for keyword in node.keywords:
                value = _constants(module).get(getattr(keyword.value, "id", ""), keyword.value)
                if keyword.arg == "port" and isinstance(value, ast.Constant) and value.value:
                    yield _fixed(module.place(keyword.value), str(value.value))


def _constants(module: Module) -> dict[str, ast.expr]:
    """The module's names to which a number is assigned, and nothing else is."""
    targets = Counter(each.id for each in module.of(ast.Name) if isinstance(each.ctx, ast.Store))
    return {
        target.id: each.value
        for each in module.of(ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name) and isinstance(each.value, ast.Constant) and targets[target.id] == 1
    }


@of_python((re.compile(rb"port\s*="), re.compile(rb"[Ff]lask|[Qq]uart|[Ss]anic|[Bb]ottle")))
def _run_by_itself(module: Module) -> Iterator[Answer]:
    """The fixed ports at which frameworks are told to serve by `app.run`."""
    made = {
        target.id
        for each in module.of(ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name)
        and isinstance(each.value, ast.Call)
        and module.meant(each.value.func).rpartition(".")[2] in ("Flask", "Quart", "Sanic", "Bottle")
    }
    for node in module.of(ast.Call):
        match node.func:
            case ast.Attribute(value=ast.Name(id=name), attr="run") if name in made:
                for keyword in node.keywords:
                    match keyword:
                        case ast.keyword(arg="port", value=ast.Constant(value=int(port))):
                            yield _fixed(module.place(keyword.value), str(port))


@of_code(b"isten", b"Addr", b"UseUrls", re.compile(rb"[.](?:Run|Start|bind)\("))
def _fixed_elsewhere(file: File) -> Iterator[Answer]:
    if is_for_a_person(file.path):
        return
    found = list(_CALLED.finditer(file.code))
    aside = (
        "net/http/pprof" in file.text
        or "promhttp" in file.text
        or any(re.search(r"localhost|127[.]0[.]0[.]1", each[0]) for each in found)
    )
    if len(found) == 1 and not aside:  # profiles and metrics are served beside the service
        port = next(each for each in found[0].groups() if each)
        yield _fixed(file.spot(found[0].start(), found[0].end()), port)
    for match in _CONSTANT.finditer(file.code) if not found and not aside else ():
        if port := _number(file, match["name"]):
            yield _fixed(file.spot(match.start("name"), match.end("name")), port)


def _number(file: File, name: str) -> str:
    """The number that a constant of a file is; empty for what is none."""
    found = re.search(
        rf"^[ \t]*(?:const[ \t]+)?{re.escape(name)}(?:[ \t]+int)?[ \t]*=[ \t]*([0-9]{{2,5}})$", file.code, re.M
    )
    return found[1] if found and file.path.endswith(".go") else ""


def _fixed(place: Place, port: str) -> Answer:
    return finding(
        "TWF006",
        place,
        f"SERVICE_PORT가 아니라 적혀 있는 {port}번 포트에서 받는다",
        f"it listens at {port}, which is written here, not at SERVICE_PORT",
    )
