"""The judges of MAN that look at how a Deploy repo is laid out: its directories, bases, overlays and apps."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from apparch.app.dockerfiles import DOCKERFILE
from apparch.app.languages import LANGUAGES
from apparch.checks._deploy import finding, is_substituted, unhashed, untold
from apparch.deploy.objects import Environment, is_shared, listed_by, used_by
from apparch.deploy.pods import MAKERS
from apparch.deploy.repo import DeployRepo
from apparch.deploy.stages import stage
from apparch.finding import Answer
from apparch.repository import Node, Place, Problem
from apparch.repository.kustomize import Rendering, render
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.roles import role

TOOLS = frozenset(
    str.split("""
    scripts script hack tools tool bin ci hooks plugins ansible playbooks roles terraform tf pulumi cdk cdk8s
    jsonnet tanka policies policy library files dashboards functions lambda modules charts .config renovate
    taskfiles
    """)
)
PROGRAMS = frozenset({"cdk8s.yaml", "Pulumi.yaml", "cdk.json", "jsonnetfile.json", "ansible.cfg", "package-lock.json"})
ENVIRONMENT = re.compile(r"(?<![a-z])(prod|production|staging|stage|stg|prd)(?![a-z])", re.IGNORECASE)
VARIABLES = frozenset({"ENVIRONMENT", "ENV", "DEPLOY_ENV", "DEPLOYMENT_ENV", "STAGE", "CLUSTER", "CLUSTER_NAME"})
LABELS = frozenset({"env", "environment", "stage", "tier-env", "app.kubernetes.io/environment"})
_LOAD_TEST = re.compile(rb"[\"']k6(/[\w/]*)?[\"']|^[ \t]*(from|import) locust\b|\bio[.]gatling\b", re.MULTILINE)
"""What source takes in that puts load on what is deployed."""
RUNBOOKS = {
    "CrashLoopBackOff": (r"crash[- ]?loop|keeps? (on )?restarting|restarts? (again|repeatedly)",),
    "OOMKilled": (r"oom[- ]?killed|out[- ]of[- ]memory",),
    "deploy and rollback": (r"roll(s|ed|ing)?[- ]?back|rollout undo|git revert|롤백|되돌",),
    "care of the cluster": (r"\b(cordon|drain|k3s|kubeadm|nodes?)\b|노드|클러스터",),
    "backup and restore": (r"backup|백업", r"restor|복원|복구"),
}
RUNBOOKS_KO = dict(
    zip(RUNBOOKS, ("CrashLoopBackOff", "OOMKilled", "배포와 롤백", "클러스터 관리", "백업과 복원"), strict=True)
)


def man001(deploy: DeployRepo) -> Iterator[Answer]:
    """Nothing here makes an app."""
    said: set[str] = set()
    read = {each for path, node in deploy.kustomizations.items() for each in used_by(path, node)}
    for path in deploy.files:
        pure = PurePosixPath(path)
        folder = pure.parent.as_posix()
        made = DOCKERFILE.fullmatch(pure.name) or _language(path)
        if not made or path in read or role(path) != "product" or _is_tool(deploy, path):
            continue
        if _is_load_test(deploy, path):
            continue
        if DOCKERFILE.fullmatch(pure.name):
            yield finding(
                "MAN001", Place(path), f"{path}: Dockerfile은 App 레포에 둔다", f"{path} builds an image here"
            )
        elif folder not in said and (language := _language(path)) and not deploy.root.in_chart(path):
            said.add(folder)
            yield finding(
                "MAN001",
                Place(path),
                f"{path}: {language} 소스는 App 레포에 둔다",
                f"{path} is source in {language}, which belongs to an App repo",
            )


def _is_load_test(deploy: DeployRepo, path: str) -> bool:
    content = deploy.root.content(path)
    return isinstance(content, bytes) and _LOAD_TEST.search(content[:20_000]) is not None


def _language(path: str) -> str:
    pure = PurePosixPath(path)
    return next(
        (each.name for each in LANGUAGES if pure.suffix in each.endings or any(pure.match(m) for m in each.manifests)),
        "",
    )


def _is_tool(deploy: DeployRepo, path: str) -> bool:
    """Whether a file helps to deploy: a script, a program that writes manifests, what a ConfigMap holds."""
    inner = path.removeprefix(deploy.repository.prefix)
    *folders, last = inner.lower().split("/")
    if TOOLS.intersection(folders) or any(each.startswith((".", "_")) for each in folders) or last.startswith("."):
        return True
    above = [each.as_posix() for each in PurePosixPath(path).parents]
    if any(deploy.root.has(f"{each}/{program}".removeprefix("./")) for each in above for program in PROGRAMS):
        return True
    # A lone manifest at the root, or a lone configuration, is for linters and hooks.
    return len(folders) == 0 and not DOCKERFILE.fullmatch(PurePosixPath(path).name)


def man002(deploy: DeployRepo) -> Iterator[Answer]:
    """The standard directories are there, and base has one for each kind."""
    prefix = deploy.repository.prefix
    folders = {parent.as_posix() for path in deploy.repository.files for parent in PurePosixPath(path).parents}
    apps = sorted(each for each in folders if re.fullmatch(r"k8s/apps/[^/]+", each))
    homes = ["k8s"] if {"k8s/base", "k8s/overlays"} & folders or not apps else []
    missing = [
        wanted
        for home in homes
        for wanted in (f"{home}/base", f"{home}/overlays/production", f"{home}/overlays/staging")
        if wanted not in folders and not _deeper(wanted, folders)
    ]
    missing += ["_shared"] if "_shared" not in folders else []
    if missing:
        words = ", ".join(missing)
        yield finding("MAN002", deploy.absent(missing[0]), f"없는 디렉터리: {words}", f"missing directories: {words}")
    for home in [*homes, *apps]:
        yield from _by_kind(deploy, f"{prefix}{home}/base")


def _deeper(wanted: str, folders: set[str]) -> bool:
    """Whether an environment stands one directory deeper, below its cluster's."""
    head, _, last = wanted.rpartition("/")
    return any(each.startswith(f"{head}/") and each.endswith(f"/{last}") for each in folders)


def _by_kind(deploy: DeployRepo, base: str) -> Iterator[Answer]:
    """The first file of a base that stands in no directory of its kind."""
    kinds: dict[str, set[str]] = {}
    files: dict[str, list[str]] = {}
    for path, objects in deploy.manifests.items():
        if path.startswith(f"{base}/") and path not in deploy.kustomizations:
            folder = posixpath.dirname(path)
            kinds.setdefault(folder, set()).update(kind(each) for each in objects)
            files.setdefault(folder, []).append(path)
    for folder, found in kinds.items():
        if folder == base or len(found) > 1:
            words = ", ".join(sorted(found))
            yield finding(
                "MAN002",
                Place(files[folder][0]),
                f"{folder}에 여러 종류가 함께 있다: {words}"
                if len(found) > 1
                else f"{folder}에 종류별 디렉터리가 없다",
                f"{folder} holds {words}, not in a directory per kind",
            )


def man003(deploy: DeployRepo) -> Iterator[Answer]:
    """What a base holds is the same in every environment."""
    overlays = [each for each in deploy.environments if each.overlay and each.rendering.final]
    listed = {each.directory: set(listed_by(each.file, each.kustomization)) for each in overlays}
    for directory in _bases(deploy, overlays):
        rendering = render(deploy.root, directory, lenient=True)
        for node in rendering.objects:
            yield from _hosts(node, directory)
            yield from _named_environment(node, directory)
        yield from _replaced_everywhere(
            rendering, directory, [each for each in overlays if directory in listed[each.directory]]
        )
    yield from untold(deploy, "MAN003")


def _bases(deploy: DeployRepo, overlays: Iterable[Environment]) -> list[str]:
    """The directories that overlays build on and that are none themselves."""
    own = {each.directory for each in overlays}
    found = {
        entry
        for each in overlays
        for entry in listed_by(each.file, each.kustomization)
        if entry not in own and is_shared(entry) and stage(entry) is None
    }
    return sorted(found & {posixpath.dirname(path) for path in deploy.kustomizations})


def _hosts(node: Node, directory: str) -> Iterator[Answer]:
    if kind(node) not in (
        "Ingress",
        "HTTPRoute",
        "IngressRoute",
        "VirtualService",
        "Gateway",
        "GRPCRoute",
        "Certificate",
    ):
        return
    for below in node.at("spec").walk():
        for key in ("host", "hosts", "hostnames", "dnsNames"):
            for each in [below.at(key), *below.at(key).elements()]:
                text = each.text or ""
                if "." in text and not is_substituted(text) and not text.endswith((".svc", ".local", ".localhost")):
                    yield finding(
                        "MAN003",
                        each,
                        f"{directory}에 도메인이 있다: {text}",
                        f"the base {directory} names the domain {text}",
                    )


def _named_environment(node: Node, directory: str) -> Iterator[Answer]:
    home = node.at("metadata", "namespace")
    found = [home] if home.text and ENVIRONMENT.search(home.text) else []
    for below in node.walk():
        for key in LABELS:
            if (label := below.at(key)).text and below.at("name").value is None and ENVIRONMENT.fullmatch(label.text):
                found.append(label)
        if below.at("name").text in VARIABLES and ENVIRONMENT.fullmatch(below.at("value").text or ""):
            found.append(below.at("value"))
    if kind(node) == "ConfigMap":
        for key, value in node.at("data").items():
            text = value.text or ""
            address = "\n" not in text and re.search(r"\w[.:]\w|//", text)
            if (key in VARIABLES and ENVIRONMENT.fullmatch(text)) or (address and ENVIRONMENT.search(text)):
                found.append(value)
    for each in found:
        yield finding(
            "MAN003",
            each,
            f"{directory}에 한 환경의 값이 있다: {each}",
            f"the base {directory} holds a value of one environment: {each}",
        )


def _replaced_everywhere(base: Rendering, directory: str, overlays: list[Environment]) -> Iterator[Answer]:
    """A setting that every overlay sets otherwise is no environment's."""
    if len(overlays) < 2:
        return
    for node in base.of_kind("ConfigMap"):
        label = unhashed(name(node))
        theirs = [
            next((m.at("data") for m in each.rendering.of_kind("ConfigMap") if _same(name(m), label)), None)
            for each in overlays
        ]
        for key, value in node.at("data").items():
            if all(data is not None and data.at(key).present and data.at(key).value != value.value for data in theirs):
                yield finding(
                    "MAN003",
                    value,
                    f"{key}: 모든 오버레이가 다른 값으로 바꾼다",
                    f"every overlay replaces the value of {key} in {directory}",
                )


def _same(rendered: str, label: str) -> bool:
    return label in (rendered, unhashed(rendered)) or unhashed(rendered).endswith(f"-{label}")


def man004(deploy: DeployRepo) -> Iterator[Answer]:
    """An overlay holds differences only, as files of patches/."""
    overlays = [each for each in deploy.environments if each.overlay and each.stage]
    for each in overlays:
        for field in ("patches", "patchesStrategicMerge", "patchesJson6902"):
            for entry in each.kustomization.at(field).elements():
                path = entry.text if field == "patchesStrategicMerge" else entry.at("path").text
                if path is None or "\n" in path:
                    yield finding(
                        "MAN004",
                        entry,
                        "패치가 patches/의 파일이 아니라 kustomization에 적혀 있다",
                        "a patch is written into the kustomization, not into a file of patches/",
                    )
                elif not posixpath.normpath(path).startswith(("patches/", "../")):
                    yield finding(
                        "MAN004", entry, f"패치 {path}: patches/ 아래에 둔다", f"the patch {path} is not below patches/"
                    )
    yield from _copies(overlays)
    yield from untold(deploy, "MAN004")


def _copies(overlays: list[Environment]) -> Iterator[Answer]:
    """The same workload written whole in several overlays, in place of one base."""
    written: dict[tuple[str, str, str], list[Node]] = {}
    for each in overlays:
        home, _, _ = each.directory.rpartition("/")
        for node in each.rendering.of_kind(*MAKERS, "Service", "Ingress"):
            if node.place.path.startswith(f"{each.directory}/"):
                written.setdefault((home, kind(node), name(node)), []).append(node)
    for (_, what, label), nodes in written.items():
        places = {node.place.path for node in nodes}
        if len(places) > 1:
            for node in nodes:
                yield finding(
                    "MAN004",
                    node,
                    f"{what} {label}: 오버레이마다 통째로 적혀 있다",
                    f"{what} {label} is written whole in {len(places)} overlays",
                )


def man010(deploy: DeployRepo) -> Iterator[Answer]:
    """A claim is defined once; overlays set its class and size."""
    claims: dict[tuple[str, str], list[Node]] = {}
    for each in deploy.environments:
        if not each.overlay:
            continue
        for node in each.rendering.of_kind("PersistentVolumeClaim"):
            inside = f"{each.directory}/"
            if node.place.path.startswith(inside):
                claims.setdefault((each.directory.rpartition("/")[0], name(node)), []).append(node)
            else:
                modes = node.at("spec", "accessModes")
                if any(mode.place.path.startswith(inside) for mode in [modes, *modes.elements()]):
                    yield finding(
                        "MAN010",
                        modes,
                        f"PVC {name(node)}의 접근 방식을 오버레이가 바꾼다",
                        f"the overlay changes the access mode of PersistentVolumeClaim {name(node)}",
                    )
    for (_, label), nodes in claims.items():
        for node in nodes[1:]:
            yield finding(
                "MAN010",
                node,
                f"PVC {label}: {nodes[0].place.path}에서 이미 정의했다",
                f"PersistentVolumeClaim {label} is defined again; first in {nodes[0].place.path}",
            )
    yield from untold(deploy, "MAN010")


def man015(deploy: DeployRepo) -> Iterator[Answer]:
    """docs/runbooks/ has a procedure for each kind of trouble."""
    prefix = deploy.repository.prefix
    # Where an app stands in the same repository, documents are counted as its own.
    folders = (f"{prefix}docs/runbooks/", "docs/runbooks/")
    paths = [path for path in deploy.root.files if path.startswith(folders) and path.endswith(".md")]
    texts = [text for path in paths if not isinstance(text := deploy.root.text(path), Problem)]
    both = "\n".join(f"{path}\n{text}" for path, text in zip(paths, texts, strict=False))
    missing = [
        topic for topic, words in RUNBOOKS.items() if not all(re.search(each, both, re.IGNORECASE) for each in words)
    ]
    if missing:
        ko, en = ", ".join(RUNBOOKS_KO[each] for each in missing), ", ".join(missing)
        where = Place(paths[0]) if paths else deploy.absent("docs/runbooks")
        yield finding("MAN015", where, f"docs/runbooks/에 없는 절차: {ko}", f"docs/runbooks/ has nothing on: {en}")
