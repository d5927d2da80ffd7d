"""The judges of the family TAG: which image tags an environment runs, and where they are decided."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from apparch.catalogue.model import Text
from apparch.checks._automation import moves
from apparch.checks._deploy import app_pods, finding, untold
from apparch.deploy.images import is_placeholder, is_somebody_elses, owner, parts
from apparch.deploy.objects import Environment, app_containers, listed_by
from apparch.deploy.pods import MAKERS, all_containers, pod
from apparch.deploy.repo import DeployRepo
from apparch.deploy.stages import Stage, stage
from apparch.finding import Answer, Finding, Related, Unknown
from apparch.repository import Node, Place, Problem
from apparch.repository.kustomize import render
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.yaml_file import parse_yaml

UNSET = "unset"
_NUMBER = r"(0|[1-9]\d*)"
VERSION = re.compile(rf"v{_NUMBER}\.{_NUMBER}\.{_NUMBER}")
CANDIDATE = re.compile(rf"{VERSION.pattern}-rc\.{_NUMBER}")
COMMIT = re.compile(r"sha-[0-9a-f]{40}")
ALLOWED: dict[Stage, tuple[re.Pattern[str], ...]] = {
    "production": (VERSION, COMMIT),
    "staging": (VERSION, COMMIT, CANDIDATE),
}
_SAID = {"production": "vX.Y.Z, sha-COMMIT", "staging": "vX.Y.Z, vX.Y.Z-rc.N, sha-COMMIT"}


def tag001(deploy: DeployRepo) -> Iterator[Answer]:
    """Production runs releases and commits only."""
    yield from _judged(deploy, "TAG001", "production")


def tag002(deploy: DeployRepo) -> Iterator[Answer]:
    """Staging may run candidates, too."""
    yield from _judged(deploy, "TAG002", "staging")


def _judged(deploy: DeployRepo, rule: str, wanted: Stage) -> Iterator[Answer]:
    for each, container in app_pods(deploy, before=True):
        environment = each.environment
        image = container.at("image")
        named = environment.stage if environment else stage(posixpath.dirname(each.node.place.path))
        if named != wanted or not image.text:
            continue
        label, tag, digest = parts(image.text)
        if tag == UNSET or (environment and _of_development(image, environment)):
            continue  # what TAG004 and TAG003 are about
        if environment is None and (not each.complete or moves(image.text)):
            continue  # what IMG007 is about
        if is_placeholder(image.text) or (digest and not tag):
            reason = Text(
                ko=f"태그가 아직 정해지지 않았거나 다이제스트만 있다: {image}",
                en=f"something else fills in the tag, or there is a digest alone: {image}",
            )
            yield Unknown(rule, image.place, reason)
        elif not any(form.fullmatch(tag) for form in ALLOWED[wanted]):
            said = tag or "latest"
            yield finding(
                rule,
                image,
                f"{wanted} 오버레이에서 {label}의 태그가 {said}이다: 쓸 수 있는 것은 {_SAID[wanted]}이다",
                f"{wanted} runs {label} with the tag {said}, which is none of {_SAID[wanted]}",
            )
    yield from untold(deploy, rule)


def tag003(deploy: DeployRepo) -> Iterator[Answer]:
    """No tag of a development overlay enters staging or production."""
    for each, container in app_pods(deploy, before=True):
        environment, image = each.environment, container.at("image")
        if environment and environment.stage in ALLOWED and _of_development(image, environment):
            yield finding(
                "TAG003",
                image,
                f"개발 오버레이의 태그가 {environment.stage} 오버레이에 들어간다: {image}",
                f"a tag of a development overlay enters {environment.stage}: {image}",
            )
    yield from untold(deploy, "TAG003")


def _of_development(image: Node, environment: Environment) -> bool:
    directory = posixpath.dirname(image.place.path)
    return not directory.startswith(environment.directory) and stage(directory) == "development"


def tag004(deploy: DeployRepo) -> Iterator[Answer]:
    """The base leaves the tag open, and each overlay sets it once under images."""
    overlays = [each for each in deploy.environments if each.overlay and each.rendering.final]
    others = frozenset(who for each in deploy.objects for who in each.others)
    system = {each.node.place for each in deploy.objects if each.system}
    for directory in sorted(deploy.layers & {entry for each in overlays for entry in _listed(each)}):
        for node in render(deploy.root, directory, lenient=True).of_kind(*MAKERS):
            for container in all_containers(node):
                image = container.at("image")
                if image.text and not is_somebody_elses(image.text) and not is_placeholder(image.text):
                    if owner(image.text) in others or node.place in system:
                        continue
                    label, tag, _ = parts(image.text)
                    if tag != UNSET:
                        yield finding(
                            "TAG004",
                            image,
                            f"base가 {label}의 태그를 정한다: {tag or '없음'} 대신 unset을 적는다",
                            f"the base gives {label} the tag {tag or 'none'}, not unset",
                        )
    for each in overlays:
        if deploy.layers.intersection(_listed(each)):
            yield from _set_once(deploy, each)
    yield from untold(deploy, "TAG004")


def _listed(environment: Environment) -> set[str]:
    return set(listed_by(environment.file, environment.kustomization))


def _set_once(deploy: DeployRepo, environment: Environment) -> Iterator[Answer]:
    entries: dict[str, list[Node]] = {}
    for entry in environment.kustomization.at("images").elements():
        if entry.at("newTag").text or entry.at("digest").text:
            entries.setdefault(entry.at("name").text or "", []).append(entry)
    said: set[str] = set()
    own = f"{environment.directory}/"
    for container in [
        each
        for seen in deploy.rendered[environment.key]
        for each in app_containers(seen, before=True)
        if not seen.node.place.path.startswith(own)  # its own workload leaves no tag open
    ]:
        image = container.at("image")
        if not image.text or is_placeholder(image.text):
            continue
        first = parts((image.earlier or image).text or "")[0]
        if first in said or image.place.path == environment.file:
            continue
        if not posixpath.dirname(image.place.path).startswith(environment.directory) and image.earlier is None:
            said.add(first)
            yield finding(
                "TAG004",
                Place(environment.file, environment.kustomization.place.line),
                f"images에 {first}의 newTag가 없다",
                f"no entry under images sets the newTag of {first}",
            )
        elif image.earlier is None:
            said.add(first)
            yield finding(
                "TAG004",
                image,
                f"패치가 {first}의 태그를 정한다: images의 newTag에 적는다",
                f"a patch sets the tag of {first}, not an entry under images",
            )
    for label, listed in entries.items():
        for entry in listed[1:]:
            related = (Related(listed[0].at("name").place, Text(ko="처음 정한 곳", en="set here first")),)
            message = Text(ko=f"{label}의 newTag를 두 번 정한다", en=f"the newTag of {label} is set twice")
            yield Finding("TAG004", entry.at("newTag").place, message, related)


def tag005(deploy: DeployRepo) -> Iterator[Answer]:
    """The manifests name the image of GHCR, which only an overlay's newName changes."""
    for _, container in app_pods(deploy, before=True):
        written = container.at("image").earlier or container.at("image")
        label = parts(written.text or "")[0]
        # A name without an organization is one that an overlay's newName fills in.
        if "/" in label and not label.startswith("ghcr.io/") and not is_placeholder(label):
            yield finding(
                "TAG005",
                written,
                f"이미지 이름이 {label}이다: ghcr.io/조직/앱이 아니다",
                f"the image is named {label}, not ghcr.io/ORGANIZATION/APP",
            )
    yield from untold(deploy, "TAG005")


def tag006(deploy: DeployRepo) -> Iterator[Answer]:
    """One environment runs an image with one tag."""
    first: dict[tuple[str, str], Node] = {}
    for each, container in app_pods(deploy, before=True):
        image = container.at("image")
        if each.environment is None or not each.environment.overlay or not image.text:
            continue
        label, tag, digest = parts(image.text)
        before = first.setdefault((each.environment.key, label), image)
        if parts(before.text or "")[1:] != (tag, digest) and UNSET not in (tag, parts(before.text or "")[1]):
            other = parts(before.text or "")[1]
            related = (Related(before.place, Text(ko=f"여기서는 {other}", en=f"here it is {other}")),)
            message = Text(
                ko=f"한 환경에서 {label}의 태그가 둘이다: {other}, {tag}",
                en=f"one environment runs {label} with two tags, {other} and {tag}",
            )
            yield Finding("TAG006", image.place, message, related)
    yield from untold(deploy, "TAG006")


def tag007(deploy: DeployRepo) -> Iterator[Answer]:
    """A chart's own values hold no usable tag."""
    for directory in deploy.charts:
        path = f"{directory}/values.yaml".lstrip("/")
        documents = deploy.root.parsed(path, parse_yaml) if deploy.root.has(path) else ()
        if isinstance(documents, Problem) or not documents or not _makes_pods(deploy, directory):
            continue
        for place, label, tag in _images_of(documents[0]):
            if tag not in ("", UNSET) and not is_placeholder(f"{label}:{tag}") and not is_somebody_elses(label):
                yield finding(
                    "TAG007",
                    place,
                    f"차트의 values.yaml이 {label}의 태그를 정한다: {tag}",
                    f"the chart's values.yaml gives {label} the tag {tag}",
                )


def _images_of(values: Node) -> Iterator[tuple[Node, str, str]]:
    """The images that a chart's values name, at the top and for each part: where, the name and the tag."""
    for part in (values, *(below for _, below in values.items())):
        image = part.at("image")
        if image.text:
            label, tag, _ = parts(image.text)
            yield image, label, tag
        elif image.at("repository").text and image.at("tag").value is not None:
            label = f"{image.at('registry').text or ''}/{image.at('repository')}".strip("/")
            yield image.at("tag"), label, str(image.at("tag"))
        elif (image.at("name").text or image.at("repo").text) and (tagged := _tag(image)) is not None:
            label = "/".join(each.text or "" for each in (image.at("repo"), image.at("name")) if each.text)
            yield tagged, label, str(tagged)


def _tag(image: Node) -> Node | None:
    """The tag of an image that a chart's values give it by other keys than Helm's own."""
    return next((each for key in ("tag", "ver", "version") if (each := image.at(key)).value is not None), None)


def _makes_pods(deploy: DeployRepo, chart: str) -> bool:
    """Whether a chart has templates of its own, and is no copy of somebody's."""
    inner = [path for path in deploy.files if path.startswith(f"{chart}/templates/".lstrip("/"))]
    return bool(inner) and "/charts/" not in f"/{chart}/".replace("/charts/", "/", 1)


def tag008(deploy: DeployRepo) -> Iterator[Answer]:
    """Pods pull with the login of their ServiceAccount."""
    for each, container in app_pods(deploy, before=True):
        spec = pod(each.node)
        if spec.at("imagePullSecrets").elements():
            yield finding(
                "TAG008",
                spec.key("imagePullSecrets"),
                f"{kind(each.node)} {name(each.node)}에 imagePullSecrets가 있다: ServiceAccount에 둔다",
                f"{kind(each.node)} {name(each.node)} states imagePullSecrets of its own",
            )
        elif spec.at("serviceAccountName").text and (container.at("image").text or "").startswith("ghcr.io/"):
            yield from _other_login(deploy, each.environment, spec.at("serviceAccountName").text or "")
    yield from untold(deploy, "TAG008")


def _other_login(deploy: DeployRepo, environment: Environment | None, account: str) -> Iterator[Answer]:
    near = deploy.rendered[environment.key] if environment else deploy.objects
    for each in near:
        if kind(each.node) == "ServiceAccount" and each.environment is environment and name(each.node) == account:
            for login in each.node.at("imagePullSecrets").elements():
                if login.at("name").text not in (None, "ghcr-secret"):
                    yield finding(
                        "TAG008",
                        login.at("name"),
                        f"ghcr.io의 이미지를 {login.at('name')}으로 받는다: 이름은 ghcr-secret이다",
                        f"images of ghcr.io are pulled with {login.at('name')}, not with ghcr-secret",
                    )
