"""The judges of PLT about versions: where they stand, and how old Kubernetes may be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.checks._commands import Said, said
from apparch.checks._deploy import finding
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository.dotenv import parse_dotenv
from apparch.repository.places import Place, Problem
from apparch.repository.roles import role

VERSION = re.compile(r"v?\d+\.\d+(\.\d+)?([-+.][\w.+-]+)?")
NAMES = re.compile(
    r"(INSTALL_K3S|K3S|\w*CHART|ARGO_?CD|FLUX|SEALED_SECRETS|CERT_MANAGER|INGRESS_NGINX|TRAEFIK|METALLB)_VERSION"
)
RELEASE = re.compile(
    r"https://(?:github\.com|raw\.githubusercontent\.com)/[\w.-]+/([\w.-]+)/\S{0,200}?/(v?\d+\.\d+\.\d+)/\S{0,200}ya?ml"
)
MINIMUM = (1, 30)


def plt018(deploy: DeployRepo) -> Iterator[Answer]:
    """Scripts and workflows take versions from the one file that has them."""
    for each in said(deploy):
        if each.source == "text":
            continue
        for label, version in _versions(each):
            yield finding(
                "PLT018",
                each.place,
                f"{label}의 버전이 명령에 적혀 있다: {version}",
                f"the version of {label} is written into a command: {version}",
            )


def _versions(each: Said) -> Iterator[tuple[str, str]]:
    words = each.command.words
    if each.command.name == "helm" and {"install", "upgrade", "template", "pull"} & set(words[1:3]):
        for at, word in enumerate(words):
            given = word.partition("=")[2] if word.startswith("--version=") else ""
            given = words[at + 1] if word == "--version" and at + 1 < len(words) else given
            if VERSION.fullmatch(given):
                yield next((each for each in words[2:] if "/" in each or each.startswith("oci:")), words[2]), given
    if each.command.name == "kubectl":
        for word in words:
            if match := RELEASE.match(word):
                yield match[1], match[2]
    if not _is_the_file(each.place.path):
        for label, value in each.command.assignments:
            if NAMES.fullmatch(label) and VERSION.fullmatch(value.strip("'\"")):
                yield label, value.strip("'\"")


def _is_the_file(path: str) -> bool:
    return re.search(r"(^|/)versions?(\.\w+)?$", path) is not None


def plt019(deploy: DeployRepo) -> Iterator[Answer]:
    """No cluster is older than Kubernetes 1.30."""
    for path in deploy.files:
        if not path.endswith(".env") or role(path) != "product":
            continue
        entries = deploy.root.parsed(path, parse_dotenv)
        for entry in () if isinstance(entries, Problem) else entries:
            if entry.name in ("K3S_VERSION", "INSTALL_K3S_VERSION", "KUBERNETES_VERSION", "K8S_VERSION"):
                yield from _judge(entry.name, entry.value, entry.place)
    for each in said(deploy):
        for label, value in each.command.assignments:
            if each.source != "text" and label in ("K3S_VERSION", "INSTALL_K3S_VERSION"):
                yield from _judge(label, value, each.place)


def _judge(label: str, value: str, place: Place) -> Iterator[Answer]:
    match = re.match(r"['\"]?v?(\d+)\.(\d+)", value)
    if match and (int(match[1]), int(match[2])) < MINIMUM and int(match[1]) == 1:
        yield finding(
            "PLT019",
            place,
            f"{label}의 Kubernetes가 1.30보다 낮다: {value}",
            f"{label} is older than Kubernetes 1.30: {value}",
        )
