"""The judges of OWN about what an App repo leaves to the Deploy repo: manifests, charts, values and their like."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from apparch.app.deployed import Object, documents, objects
from apparch.app.repo import AppRepo
from apparch.checks._shared import finding, firsts, inner, name
from apparch.finding import Answer
from apparch.repository import Node, Place, Problem
from apparch.repository.dockerfile import parse_dockerfile
from apparch.repository.dotenv import Entry, parse_dotenv
from apparch.repository.kustomize.layer import FILE_NAMES
from apparch.repository.roles import role

_SERVICES = re.compile(r"^services:", re.MULTILINE)
_COMPOSE = re.compile(r"(?:docker-|podman-)?compose(?:[.-][\w.-]+)?[.]ya?ml")
_COMPOSE_ROLES = ("product", "test", "ci")
_DATA_FOLDERS = frozenset({"testdata", "fixtures", "test-data", "test_data", "mocks", "__mocks__"})
_DOTENV = re.compile(r"[.]env([.][\w.-]+)?|[\w-]+[.]env|env[.](prod|production|staging|stage|dev|development|live)")
_OF_TOOLS = re.compile(r"PYTHONPATH|COMPOSE_\w+|DOCKER_\w+|BUILDKIT_\w+|NODE_OPTIONS|PYTHONUNBUFFERED|UV_\w+|PIP_\w+")
"""Variables that editors, Compose and installers read for themselves."""
_SCHEMA_OF_DOTENV = re.compile(
    r"releas|(^|[._-])(example|sample|template|tmpl|tpl|dist|defaults?|schema|j2|test|testing|ci|vault|encrypted|enc|keys"
    r"|md|build|versions?)([._-]|$)"
)
"""What such a file is called where it is no environment's: an example, a test's, a tool's that makes releases."""
_MONITORING = re.compile(
    r"^[ \t]*\"?(groups|scrape_configs|receivers|panels|datasources|entryPoints)\"?\s*:", re.MULTILINE
)


def own008(app: AppRepo) -> Iterator[Answer]:
    """There are no Kubernetes manifests."""
    yield from _told("OWN008", app)


def own009(app: AppRepo) -> Iterator[Answer]:
    """There is no Helm chart."""
    charts = [path for path in (*app.product, *app.beside) if name(path) == "Chart.yaml"]
    for path in charts:
        folder = path.rpartition("/")[0]
        if not any(folder.startswith(f"{each.rpartition('/')[0]}/") for each in charts if each != path):
            text = f"{folder or '.'}"
            yield finding("OWN009", Place(path), f"{text}는 Helm 차트다", f"{text} is a Helm chart")


def own010(app: AppRepo) -> Iterator[Answer]:
    """There is no kustomization."""
    for path in (*app.product, *app.beside):
        if name(path) in FILE_NAMES:
            yield finding("OWN010", Place(path), f"{path}는 Deploy 레포의 것이다", f"{path} belongs to the Deploy repo")


def own011(app: AppRepo) -> Iterator[Answer]:
    """There is no Compose file."""
    for path in (*app.files, *app.at_root):
        own = inner(app, path) if "/" in path else path
        if role(own) not in _COMPOSE_ROLES or _DATA_FOLDERS.intersection(own.split("/")):
            continue
        for document in documents(app, path, _SERVICES) if path.endswith((".yaml", ".yml")) else ():
            named = _COMPOSE.fullmatch(name(path))
            services = [key for key, each in document.at("services").items() if named or _runs(each)]
            if services:
                told = ", ".join(services[:5])
                place = document.key("services")
                yield finding("OWN011", place, f"Compose 파일이 {told}을(를) 띄운다", f"a Compose file runs {told}")


def own012(app: AppRepo) -> Iterator[Answer]:
    """No file holds the values of an environment."""
    for path in (*app.product, *app.at_root):
        if not is_environments(path):
            continue
        entries = app.root.parsed(path, parse_dotenv)
        given = [each for each in entries if _is_value(each)] if not isinstance(entries, Problem) else []
        if given:
            told = ", ".join(each.name for each in given[:5])
            yield finding(
                "OWN012",
                given[0].place,
                f"{told}의 값이 레포에 있다",
                f"the value of {told} is in the repo",
                secret=True,
            )


def is_environments(path: str) -> bool:
    """Whether a file holds the variables of an environment, and is no example and none of a tool's own folder."""
    is_named = _DOTENV.fullmatch(name(path)) and not _SCHEMA_OF_DOTENV.search(name(path))
    return bool(is_named) and not any(part.startswith(".") for part in path.split("/")[:-1])


def own013(app: AppRepo) -> Iterator[Answer]:
    """Neither the Dockerfile nor a manifest defines a volume."""
    for path in app.dockerfiles:
        instructions = app.root.parsed(path, parse_dockerfile)
        for each in () if isinstance(instructions, Problem) else instructions:
            if each.name == "VOLUME":
                told = " ".join(each.words)
                yield finding(
                    "OWN013", each.place, f"이미지가 볼륨 {told}를 정의한다", f"the image defines the volume {told}"
                )
    yield from _told("OWN013", app)


def own017(app: AppRepo) -> Iterator[Answer]:
    """There is no configuration of monitoring or of an ingress controller."""
    yield from _told("OWN017", app)
    for path in app.product:
        for document in documents(app, path, _MONITORING):
            if told := _infrastructure(document):
                ko, en, place = told
                yield finding("OWN017", place, f"{ko} 설정이다", f"it configures {en}")
                break


def _told(rule: str, app: AppRepo) -> Iterator[Answer]:
    mine = [each for each in objects(app) if each.belongs == rule]
    for place in firsts(each.place for each in mine):
        kinds = _kinds([each for each in mine if each.place.path == place.path])
        yield finding(rule, place, f"쿠버네티스 매니페스트다: {kinds}", f"it is a Kubernetes manifest: {kinds}")


def _kinds(found: list[Object]) -> str:
    return ", ".join(dict.fromkeys(each.kind for each in found))


def _runs(service: Node) -> bool:
    return service.at("image").text is not None or service.at("build").present


def _is_value(entry: Entry) -> bool:
    """Whether it says something that an environment may say otherwise: not empty, no reference, no placeholder."""
    value = entry.value.strip()
    return (
        bool(value)
        and not _OF_TOOLS.fullmatch(entry.name)
        and not re.fullmatch(r"\$\{?\w+\}?|<.*>|\{\{.*\}\}|#.*", value)
    )


def _infrastructure(document: Node) -> tuple[str, str, Place] | None:
    """What a file configures, by its shape."""
    for key, ko, en, shaped in _SHAPES:
        if document.at(key).present and shaped(document):
            return ko, en, document.key(key)
    return None


def _are_rules(document: Node) -> bool:
    rules = [rule for group in document.at("groups").elements() for rule in group.at("rules").elements()]
    named = (each.at("expr").present and (each.at("alert").present or each.at("record").present) for each in rules)
    return bool(rules) and all(named)


_SHAPES: tuple[tuple[str, str, str, Callable[[Node], bool]], ...] = (
    ("groups", "Prometheus 규칙", "Prometheus rules", _are_rules),
    (
        "scrape_configs",
        "Prometheus나 Promtail",
        "Prometheus or Promtail",
        lambda it: bool(it.at("scrape_configs").elements()),
    ),
    ("receivers", "Alertmanager", "Alertmanager", lambda it: it.at("route", "receiver").present),
    (
        "receivers",
        "OpenTelemetry Collector",
        "the OpenTelemetry Collector",
        lambda it: it.at("service", "pipelines").present,
    ),
    ("panels", "Grafana 대시보드", "a Grafana dashboard", lambda it: it.at("schemaVersion").number is not None),
    ("datasources", "Grafana 데이터 소스", "data sources of Grafana", lambda it: it.at("apiVersion").number == 1),
    ("entryPoints", "Traefik", "Traefik", lambda it: it.at("providers").present or it.at("api").present),
)
