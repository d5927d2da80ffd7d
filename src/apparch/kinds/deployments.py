"""What deploys in a repository: what steers environments, workloads, charts and Compose files, and where it is."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from apparch.app.dockerfiles import is_dockerfile
from apparch.catalogue.model import Text
from apparch.kinds.images import compose_files
from apparch.kinds.model import Deployment, Evidence
from apparch.kinds.sources import glance, homes, own_sources
from apparch.repository import Place, Problem, Repository
from apparch.repository.kustomize.layer import FILE_NAMES
from apparch.repository.path_names import name
from apparch.repository.roles import role
from apparch.repository.yaml_file import parse_yaml

_ENVIRONMENTS = frozenset({"overlays", "overlay", "environments", "environment", "envs", "clusters"})
_STAGES = re.compile(r"values[-._](prod|production|staging|stage|live|dev|development|test|qa|uat)\w*[.]ya?ml")
_HELMFILES = frozenset({"helmfile.yaml", "helmfile.yml", "helmfile.yaml.gotmpl"})
_STEERS = re.compile(
    r"^kind:\s*[\"']?(Application|ApplicationSet|AppProject|HelmRelease|HelmRepository|HelmChart|GitRepository|OCIRepository"
    r"|ImagePolicy|ImageUpdateAutomation|GitRepo)[\"']?\s*$",
    re.MULTILINE,
)
_FLUX = re.compile(r"^apiVersion:\s*kustomize[.]toolkit[.]fluxcd[.]io/", re.MULTILINE)
_OBJECT = re.compile(r"^kind:\s*[\"']?(\w+)[\"']?\s*(?:#.*)?$", re.MULTILINE)
_WORKLOAD = re.compile(
    r"^kind:\s*[\"']?(Deployment|StatefulSet|DaemonSet|CronJob|Job|Pod|ReplicaSet|Rollout|DeploymentConfig)[\"']?\s*$",
    re.MULTILINE,
)
_RUNS = re.compile(
    r"^kind:\s*[\"']?(Deployment|StatefulSet|DaemonSet|CronJob|Job|Pod|ReplicaSet|Rollout|DeploymentConfig|Ingress"
    r"|Service|SealedSecret|IngressRoute|HTTPRoute|ExternalSecret)[\"']?\s*$",
    re.MULTILINE,
)
_IN_CODE = frozenset({"internal", "pkg", "lib", "cmd", "crates", "src"})
"""Where code lies, a manifest is data of that code."""
_NAMED = frozenset(
    {"k8s", "kubernetes", "kube", "helm", "charts", "chart", "deploy", "deployment", "openshift", "manifests"}
)
_TRIED = re.compile(
    r"(^|/)(hack|dev|local|e2e|kind|kindest|minikube|k3d|tilt|quickstart|getting-started|playground|sandbox|perf|performance"
    r"|load-?test\w*|stress|k6|debug|development|smoke|hello-world|walkthrough|workshop|exercises?|solutions?)/"
    r"|(^|/)((examples?|samples?)[-_][\w-]+|[\w-]+[-_](examples?|samples?))/|(^|/)config/(samples|crd)/|(^|/)bundle/|(^|/)kind-\w+[.]ya?ml$"
)
"""Where manifests are there to try or to develop with, beside an app."""
_VALUES = ("한 환경의 값이다", "has the values of an environment")
_SHARE = 10
"""Of so many files one at least holds objects where manifests are what a repository is for."""
_TERRAFORM = re.compile(r"^resource\s+\"(helm_release|kubernetes_\w+|kubectl_\w+|argocd_application)\"", re.MULTILINE)
_ANSIBLE = re.compile(
    r"^[ ]{1,40}(?:- )?(kubernetes[.]core[.](k8s|helm)|community[.]kubernetes[.]\w+|k8s|helm):[ ]*$", re.MULTILINE
)
_PROGRAMS = {
    "cdk8s.yaml": Text(ko="cdk8s로 매니페스트를 쓴다", en="has manifests written with cdk8s"),
    ".kluctl.yaml": Text(ko="Kluctl로 배포한다", en="deploys with Kluctl"),
    ".kluctl.yml": Text(ko="Kluctl로 배포한다", en="deploys with Kluctl"),
    "fleet.yaml": Text(ko="Fleet로 배포한다", en="deploys with Fleet"),
    "vendir.yml": Text(ko="남의 매니페스트를 들여온다", en="takes in the manifests of others"),
}


@dataclass(frozen=True)
class _Mark:
    """A file that has to do with a deployment."""

    evidence: Evidence
    steers: bool
    """Whether it tells environments apart, or has something deploy them."""
    chart: bool = False
    pointer: bool = False
    """Whether it only says where the manifests are that something deploys."""

    @property
    def path(self) -> str:
        """The file."""
        return self.evidence.place.path


def deployment(repository: Repository, apps: Sequence[str]) -> Deployment | None:
    """What deploys, beside apps in these directories or without any."""
    found = list(_marks(repository))
    if apps:
        found = [each for each in found if not _is_tried(each.path)]
        runs = any(each.steers or each.chart or _is_workload(repository, each.path) for each in found)
        if not runs:
            return None
    strong = [each for each in found if each.steers]
    if not found:
        return _other(repository) if not apps else None
    shown = [each.evidence for each in (strong or found)]
    main = bool(strong) or _is_what_it_is_for(repository, found)
    charts = all(each.chart for each in found)
    told_apart = any(not each.pointer for each in strong)
    return Deployment(tuple(shown), _folders(repository, found, apps), bool(strong), told_apart, main, charts)


def _marks(repository: Repository) -> Iterator[_Mark]:
    has_charts = any(name(path) == "Chart.yaml" for path in repository.files)
    stages: list[str] = []
    for path in repository.files:
        folder, _, last = path.rpartition("/")
        if last in _PROGRAMS and role(path) == "product" and (last != "fleet.yaml" or _is_fleet(repository, path)):
            yield _Mark(Evidence(Place(path), _PROGRAMS[last]), last != "vendir.yml")
        if last == "spec.json" and "tanka.dev/" in glance(repository, path):
            yield _Mark(Evidence(Place(path), Text(ko="Tanka의 환경이다", en="is an environment of Tanka")), True)
        if not path.endswith((".yaml", ".yml", ".gotmpl")):
            continue
        if repository.in_chart(path):
            yield from _steering_template(repository, path)
            continue
        if role(path) not in ("product", "development"):
            continue
        if has_charts and _STAGES.fullmatch(last):
            stages.append(path)
        elif (told := _mark(repository, path, folder.split("/"), last, has_charts)) is not None:
            yield told
    if len(stages) > 1:
        for path in stages:
            yield _Mark(Evidence(Place(path), Text(*_VALUES)), True)


def _mark(repository: Repository, path: str, folders: list[str], last: str, has_charts: bool) -> _Mark | None:
    """A file by its name and folder; else by what it holds."""
    in_stage = bool(_ENVIRONMENTS.intersection(folders))
    told = (
        ((last in FILE_NAMES and in_stage), "한 환경의 kustomization이다", "renders an environment", True),
        (last in FILE_NAMES, "kustomization이다", "renders manifests", False),
        (last in _HELMFILES, "helmfile로 배포한다", "deploys with helmfile", True),
        (last == "Chart.yaml", "Helm 차트다", "is a Helm chart", False),
        (has_charts and in_stage, *_VALUES, True),
    )
    for holds, ko, en, steers in told:
        if holds:
            return _Mark(Evidence(Place(path), Text(ko=ko, en=en)), steers, chart=last == "Chart.yaml")
    return _object(repository, path)


def _object(repository: Repository, path: str) -> _Mark | None:
    text = repository.text(path)
    if isinstance(text, Problem) or "kind:" not in text:
        return None
    steers, runs = _STEERS.search(text) or _FLUX.search(text), _RUNS.search(text)
    match = steers or _WORKLOAD.search(text) or runs
    if match is None or not _is_object(repository, path):
        return None
    kind = found[1] if (found := _OBJECT.search(text, match.start())) else ""
    ko, en = ("무엇을 배포할지 정한다", "says what is deployed") if steers else ("배포된다", "is deployed")
    place = Place(path, text.count("\n", 0, match.start()) + 1)
    said = Text(ko=f"{ko}({kind})", en=f"{en} ({kind})")
    return _Mark(Evidence(place, said), bool(steers), pointer=bool(steers))


def _steering_template(repository: Repository, path: str) -> Iterator[_Mark]:
    """The templates of charts that make Applications: an app of apps may be a chart."""
    folder, _, last = path.rpartition("/")
    if "templates" in folder.split("/") and role(f"{folder.partition('templates')[0]}{last}") in (
        "product",
        "development",
    ):
        text = repository.text(path)
        if isinstance(text, str) and "argoproj.io/" in text and _STEERS.search(text):
            yield _Mark(
                Evidence(Place(path), Text(ko="Argo CD의 Application을 만든다", en="makes Applications of Argo CD")),
                True,
                pointer=True,
            )


def _is_fleet(repository: Repository, path: str) -> bool:
    return bool(
        re.search(r"^(defaultNamespace|helm|targetCustomizations|namespace):", glance(repository, path), re.MULTILINE)
    )


def _is_object(repository: Repository, path: str) -> bool:
    text = repository.text(path)
    if isinstance(text, str) and "{{" in text:
        return True  # a template of an object, which is no YAML yet
    documents = repository.parsed(path, parse_yaml)
    return not isinstance(documents, Problem) and any(
        node.at("apiVersion").text and node.at("kind").text for node in documents
    )


def _is_workload(repository: Repository, path: str) -> bool:
    return name(path) in FILE_NAMES or bool(_WORKLOAD.search(glance(repository, path)))


def _is_tried(path: str) -> bool:
    """Whether manifests beside an app are there to try it, to develop it, or as data of its code."""
    folders = path.split("/")[:-1]
    in_code = _IN_CODE.intersection(folders) and not _NAMED.intersection(folders)
    return bool(_TRIED.search(path) or in_code) or role(path) == "development"


def _is_what_it_is_for(repository: Repository, found: list[_Mark]) -> bool:
    """Whether objects that nothing steers are no few beside files of another purpose."""
    if all(each.chart for each in found):
        return True
    return len(found) * _SHARE >= sum(role(path) == "product" for path in repository.files)


def _folders(repository: Repository, marks: Iterable[_Mark], apps: Sequence[str]) -> tuple[str, ...]:
    """The highest folders around what deploys that hold no app; a file alone where its own folder holds one."""
    taken = _taken(repository)
    found: dict[str, None] = {}
    for each in marks:
        top = each.path
        for folder in _above(each.path):
            if folder in taken or folder in apps:
                break
            top = folder
        found[top] = None
    if "k8s" in found and any(path.startswith("_shared/") for path in repository.files):
        found["_shared"] = None
    return tuple(sorted(each for each in found if not any(each.startswith(f"{other}/") for other in found)))


def _above(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)


def _taken(repository: Repository) -> frozenset[str]:
    """Every folder that holds source, a package or a Dockerfile, however deep; scripts that deploy do not count."""
    holders = [path for path in own_sources(repository) if not _is_script(path)]
    holders += [path for path in repository.files if is_dockerfile(path)]
    folders = {folder for path in holders for folder in _above(path)}
    return frozenset(folders | {each for each in homes(repository) if each} | {"docs", ".github"})


def _is_script(path: str) -> bool:
    return bool({"scripts", "script", "hack", "tools", "bin", "files", "dashboards"}.intersection(path.split("/")[:-1]))


def _other(repository: Repository) -> Deployment | None:
    """What deploys without a manifest: Compose files alone, Terraform and Ansible that reach into a cluster."""
    shown: list[Evidence] = []
    if not own_sources(repository):
        shown += [Evidence(Place(each.path), each.says) for each in compose_files(repository)]
    for path in repository.files:
        if role(path) != "product":
            continue
        pattern = _TERRAFORM if path.endswith(".tf") else _ANSIBLE if path.endswith((".yml", ".yaml")) else None
        match = pattern.search(glance(repository, path)) if pattern else None
        if match:
            line = glance(repository, path).count("\n", 0, match.start()) + 1
            says = Text(ko=f"클러스터에 배포한다: {match[1]}", en=f"deploys into a cluster ({match[1]})")
            shown.append(Evidence(Place(path, line), says))
    return Deployment(tuple(shown), (), strong=False) if shown else None
