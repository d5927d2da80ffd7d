"""The judges of the family PRB: the probes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.dependencies import uses
from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.routes import routes
from apparch.app.routes_elsewhere import written as written_elsewhere
from apparch.app.survey import File, answers, of_files, of_python
from apparch.catalogue.model import Text
from apparch.checks._handlers import prb002, prb009
from apparch.checks._probes import prb012, prb013
from apparch.checks._shared import finding, inner, name
from apparch.finding import Answer, Unknown
from apparch.repository.roles import is_product

PATHS = ("/health/live", "/health/ready", "/health/startup")
_BESIDE = re.compile(r"/?(debug|pprof|swagger|static|assets|favicon|openapi|docs)\b|.*metrics/?$")
"""Routes that are served beside those of a service."""
_LIBRARIES = frozenset(
    {"quarkus-smallrye-health", "helidon-health", "helidon-microprofile-health", "microprofile-health-api", "lightship"}
    | {"github.com/heptiolabs/healthcheck", "@godaddy/terminus"}
)
"""What serves probes without a path in the app's own source."""


def prb001(app: AppRepo) -> Iterator[Answer]:
    """The three paths are served, and no bare one."""
    served = routes(app)
    for each in served:
        if each.whole and each.path.rstrip("/") == "/health":
            yield finding("PRB001", each.place, "/health를 그대로 연다", "it serves a bare /health")
    if all(_BESIDE.match(each.path) for each in served):
        reason = Text(ko="소스가 어떤 경로를 여는지 읽을 수 없다", en="the source does not tell which paths it serves")
        yield Unknown("PRB001", app.home, reason)
        return
    if uses(app, _LIBRARIES) or any("management" in text and "base-path" in text for text in _settings(app)):
        reason = Text(ko="라이브러리가 프로브를 연다", en="a library serves the probes")
        yield Unknown("PRB001", app.home, reason)
        return
    written = {path for each in served for path in _ends(each.path)} | set(answers(app, _written))
    others = (*answers(app, written_elsewhere), *answers(app, _in_settings))
    written |= {path for text in others for path in _ends(text)}
    missing = [path for path in PATHS if path not in written]
    if missing:
        told = ", ".join(missing)
        first = min(served, key=lambda each: each.place)
        yield finding("PRB001", first.place, f"{told}이(가) 없다", f"{told} is not served")


def _settings(app: AppRepo) -> Iterator[str]:
    """The settings of a framework of Java, by which it may serve its own probes elsewhere than at first."""
    named = (path for path in app.product if name(path).startswith("application"))
    return (app.glance(path) for path in named if path.endswith((".properties", ".yml", ".yaml")))


@of_files(
    b"/live",
    b"/ready",
    b"/startup",
    among=lambda app, path: path.endswith((".properties", ".yml", ".yaml", ".conf")) and is_product(inner(app, path)),
)
def _in_settings(file: File) -> Iterator[str]:
    """Those of the paths that settings give to what a framework serves by itself."""
    return (path for path in PATHS if path in file.text)


@of_python(b"/live", b"/ready", b"/startup", escaped=True)
def _written(module: Module) -> Iterator[str]:
    """Those of the paths that a text of the module ends with."""
    return (path for _, text in module.texts for path in _ends(text))


def _ends(text: str) -> list[str]:
    return [path for path in PATHS if text.endswith((path, path.removeprefix("/health")))]


__all__ = ["prb002", "prb009", "prb012", "prb013"]
