"""The judges of the family PLT: what a platform of Kubernetes asks of a repository."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.catalogue.model import Text
from apparch.checks._backups import plt020
from apparch.checks._data import plt003, plt005, plt006, plt017
from apparch.checks._deploy import app_pods, finding, of_kind, untold
from apparch.checks._homes import plt007
from apparch.checks._pods import is_given_elsewhere
from apparch.checks._versions import plt018, plt019
from apparch.checks.whole import Whole
from apparch.deploy.objects import app_containers
from apparch.deploy.pods import MAKERS, all_containers, pod
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer, Finding, Related
from apparch.repository import Node, Problem
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.roles import role
from apparch.repository.yaml_file import parse_yaml

_COMPOSE = re.compile(r"(docker-|podman-)?compose([-_.][\w.-]+)?\.ya?ml")


def plt001(whole: Whole) -> Iterator[Answer]:
    """A repository is an App repo or a Deploy repo."""
    apps, deploys = whole.kinds.of("app"), whole.kinds.of("deploy")
    if apps and deploys:
        source, manifests = apps[0].evidence[0].place, deploys[0].evidence[0].place
        message = Text(
            ko=f"앱을 만드는 것과 배포하는 것이 한 레포에 있다: {source.path}, {manifests.path}",
            en=f"one repository holds an app's build, {source.path}, and a deployment, {manifests.path}",
        )
        related = (Related(source, Text(ko="앱을 만드는 것", en="what makes an app")),)
        yield Finding("PLT001", manifests, message, related)


def plt002(deploy: DeployRepo) -> Iterator[Answer]:
    """No container of the app can write into its own files."""
    for each, container in app_pods(deploy, before=True):
        stated = container.at("securityContext", "readOnlyRootFilesystem")
        if stated.value is not True and (each.complete or stated.present):
            where = stated if stated.present else container.at("name")
            title = f"{kind(each.node)} {name(each.node)}"
            yield finding(
                "PLT002",
                where,
                f"{title}의 컨테이너 {container.at('name')}에 readOnlyRootFilesystem: true가 없다",
                f"the container {container.at('name')} of {title} has no readOnlyRootFilesystem: true",
            )
    yield from untold(deploy, "PLT002")


def plt011(deploy: DeployRepo) -> Iterator[Answer]:
    """A CronJob states its retries and the runs that it keeps, and no success runs again."""
    wanted = {
        ("spec", "jobTemplate", "spec", "backoffLimit"): "backoffLimit",
        ("spec", "successfulJobsHistoryLimit"): "successfulJobsHistoryLimit",
        ("spec", "failedJobsHistoryLimit"): "failedJobsHistoryLimit",
    }
    for each in of_kind(deploy, "CronJob", complete=True):
        missing = [label for path, label in wanted.items() if each.node.at(*path).value is None]
        policy = pod(each.node).at("restartPolicy")
        missing += ["restartPolicy"] if policy.text not in ("Never", "OnFailure") else []
        if missing:
            words = ", ".join(missing)
            yield finding(
                "PLT011",
                policy if missing == ["restartPolicy"] and policy.present else each.node.at("metadata", "name"),
                f"CronJob {name(each.node)}에 없는 것: {words}",
                f"CronJob {name(each.node)} does not state {words}",
            )
    yield from untold(deploy, "PLT011")


def plt013(deploy: DeployRepo) -> Iterator[Answer]:
    """Beside the app, too, each container has requests and a memory limit, and no claim is another's."""
    for each in of_kind(deploy, *MAKERS, complete=True):
        if is_given_elsewhere(deploy, each):
            continue
        own = {id(container) for container in app_containers(each, before=True)}
        for container in all_containers(each.node):
            if id(container) in own or not container.at("image").text:
                continue  # the app's own are what RES019 is about
            resources = container.at("resources")
            missing = [
                ".".join(path)
                for path in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory"))
                if resources.at(*path).value is None and not (path[0] == "requests" and _by_limit(resources, path[1]))
            ]
            if missing:
                title, words = f"{kind(each.node)} {name(each.node)}", ", ".join(missing)
                yield finding(
                    "PLT013",
                    container.at("name"),
                    f"{title}의 컨테이너 {container.at('name')}에 없는 것: {words}",
                    f"the container {container.at('name')} of {title} has no {words}",
                )
    yield from untold(deploy, "PLT013")


def _by_limit(resources: Node, resource: str) -> bool:
    """Whether the API server takes the limit for the request."""
    return resources.at("limits", resource).value is not None


def plt014(deploy: DeployRepo) -> Iterator[Answer]:
    """No file is for Docker Compose."""
    for path in deploy.files:
        if role(path) != "product" or not _COMPOSE.fullmatch(path.rpartition("/")[2]):
            continue
        documents = deploy.root.parsed(path, parse_yaml)
        if isinstance(documents, Problem) or not documents:
            continue
        if isinstance(documents[0].at("services").value, dict) and not documents[0].at("kind").text:
            yield Finding(
                "PLT014",
                documents[0].key("services"),
                Text(ko="Docker Compose로 앱을 실행하는 파일이다", en="this file runs apps with Docker Compose"),
            )


__all__ = ["plt003", "plt005", "plt006", "plt007", "plt017", "plt018", "plt019", "plt020"]
