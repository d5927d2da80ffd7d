"""What the app's Python source says by itself: its routes, its metrics, its modules, never run."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from apparch.repository import Place, Problem, Repository
from apparch.repository.python_file import constants, parse_python, string

_VERBS = frozenset(
    ["get", "post", "put", "patch", "delete", "head", "options", "trace", "route", "api_route", "websocket"]
)
_SUFFIXES = {
    "Counter": ("_total", "_created"),
    "Gauge": ("",),
    "Histogram": ("_bucket", "_sum", "_count", "_created"),
    "Summary": ("_sum", "_count", "_created"),
    "Info": ("_info",),
    "Enum": ("",),
}
PROCESS = tuple(
    f"process_{name}"
    for name in [
        "virtual_memory_bytes",
        "resident_memory_bytes",
        "start_time_seconds",
        "cpu_seconds_total",
        "open_fds",
        "max_fds",
    ]
)


@dataclass(frozen=True)
class Metric:
    """One series name that the app exports; `labels` is None where the source does not tell them."""

    name: str
    place: Place
    labels: frozenset[str] | None


@dataclass
class Source:
    """Everything that was found."""

    routes: dict[str, Place] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
    modules: dict[str, Place] = field(default_factory=dict)
    numbers: dict[str, tuple[float, Place]] = field(default_factory=dict)
    """Constants that are numbers, by name."""
    texts: dict[str, Place] = field(default_factory=dict)
    """Where a string literal stands first."""
    temporary: Place | None = None
    """Where it makes temporary files, if it does."""
    encrypted: bool = False
    """Whether it may speak TLS itself."""
    problems: list[Problem] = field(default_factory=list)


def read_source(repository: Repository) -> Source:
    """Read every module below src/."""
    source = Source()
    for path in repository.matching("src/**/*.py"):
        module = repository.parsed(path, parse_python)
        source.modules[_module_name(path)] = Place(f"{repository.prefix}{path}")
        if isinstance(module, Problem):
            source.problems.append(module)
            continue
        _read(source, module, f"{repository.prefix}{path}")
    return source


def _module_name(path: str) -> str:
    stem = path.removeprefix("src/").removesuffix(".py")
    for name in ("__init__", "__main__"):
        if posixpath.basename(stem) == name:
            stem = posixpath.dirname(stem)
    return stem.replace("/", ".")


def _read(source: Source, module: ast.Module, path: str) -> None:
    known = constants(module)
    for name, constant in known.items():
        if isinstance(constant.value, int | float) and not isinstance(constant.value, bool):
            source.numbers.setdefault(name, (float(constant.value), Place(path, constant.lineno)))
    prefixes: dict[str, str] = {}
    nodes = list(ast.walk(module))
    for node in nodes:
        match node:
            case ast.Import(names=names) if any(each.name == "tempfile" for each in names):
                source.temporary = source.temporary or Place(path, node.lineno)
            case ast.ImportFrom(module="tempfile"):
                source.temporary = source.temporary or Place(path, node.lineno)
            case ast.keyword(arg=str(option)) if option.startswith("ssl") or option in ("certfile", "keyfile"):
                source.encrypted = True
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                prefixes[name] = string(_argument(call, None, "prefix"), known) or ""
            case ast.Constant(value=str(text)) if len(text) < 100:
                source.texts.setdefault(text, Place(path, node.lineno, node.col_offset + 1))
    for node in nodes:
        if isinstance(node, ast.Call):
            for route in _routes(node, prefixes, known):
                source.routes.setdefault(route, Place(path, node.lineno, node.col_offset + 1))
            for metric in _metrics(node, known, path):
                source.metrics.setdefault(metric.name, metric)


def _routes(call: ast.Call, prefixes: dict[str, str], known: dict[str, ast.Constant]) -> Iterator[str]:
    match call.func:
        case ast.Attribute(value=ast.Name(id=router), attr=verb) if verb in _VERBS and router in prefixes:
            path = string(_argument(call, 0, "path"), known)
            if path is not None and (prefixes[router] + path).startswith("/"):
                yield prefixes[router] + path
        case ast.Name(id="Route"):
            path = string(_argument(call, 0, "path"), known)
            if path is not None:
                yield path


def _metrics(call: ast.Call, known: dict[str, ast.Constant], path: str) -> Iterator[Metric]:
    kind = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    place = Place(path, call.lineno, call.col_offset + 1)
    if kind == "ProcessCollector":
        yield from (Metric(name, place, frozenset()) for name in PROCESS)
    if kind not in _SUFFIXES:
        return
    parts = [_argument(call, None, "namespace"), _argument(call, None, "subsystem"), _argument(call, 0, "name")]
    names = [string(part, known) for part in parts if part is not None]
    if any(name is None for name in names) or not names or _argument(call, 0, "name") is None:
        return
    name = "_".join(str(each) for each in names)
    unit = string(_argument(call, None, "unit"), known)
    if unit and not name.endswith(f"_{unit}"):
        name += f"_{unit}"
    name = name.removesuffix("_total") if kind == "Counter" else name
    labels = _labels(_argument(call, 2, "labelnames"), known)
    extra = {"Histogram": {"le"}, "Summary": {"quantile"}}.get(kind, set())
    for suffix in _SUFFIXES[kind]:
        yield Metric(name + suffix, place, None if labels is None else frozenset(labels | extra))
    if kind == "Summary":
        yield Metric(name, place, None if labels is None else frozenset(labels | extra))


def _labels(argument: ast.expr | None, known: dict[str, ast.Constant]) -> set[str] | None:
    if argument is None:
        return set()
    if not isinstance(argument, ast.List | ast.Tuple):
        return None
    names = [string(each, known) for each in argument.elts]
    return None if None in names else {str(name) for name in names}


def _argument(call: ast.Call, position: int | None, name: str) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is None or position >= len(call.args):
        return None
    return call.args[position]
