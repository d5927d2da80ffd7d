"""The judges of GOP about what changes a cluster: commands, and settings that pods do not see."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.checks._commands import kubectl, said
from apparch.checks._deploy import app_pods, finding, unhashed, untold
from apparch.deploy.pods import pod_metadata
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository.kustomize.objects import kind, name

TAKING = ("-n", "--namespace", "--kube-context", "--timeout", "--kubeconfig")
"""Options of helm whose value is a word of its own."""
BY_HAND = ("edit", "patch", "scale")


def gop001(deploy: DeployRepo) -> Iterator[Answer]:
    """No script, workflow or runbook edits live objects."""
    for each in said(deploy):
        call = kubectl(each.command)
        if call is None:
            continue
        verb, rest = call
        harmless = any(word.startswith(("--dry-run", "--local")) and not word.endswith("none") for word in rest)
        if (verb in BY_HAND or verb.startswith("set ")) and not harmless and not {"-h", "--help"} & set(rest):
            yield finding(
                "GOP001",
                each.place,
                f"kubectl {verb}: 살아 있는 오브젝트를 고친다",
                f"kubectl {verb} changes a live object",
            )


def gop012(deploy: DeployRepo) -> Iterator[Answer]:
    """Changed settings make new pods: their name is a hash, or the pods carry a checksum."""
    told: set[tuple[str, int]] = set()
    for each, container in app_pods(deploy):
        if each.environment is None or kind(each.node) in ("Job", "CronJob"):
            continue
        notes = [*pod_metadata(each.node).at("annotations").items(), *each.node.at("metadata", "annotations").items()]
        if any("checksum" in key or "hash" in key or "reloader" in key or "reload" in key for key, _ in notes):
            continue
        maps = {name(node): node for node in each.environment.rendering.of_kind("ConfigMap")}
        used = [source.at("configMapRef", "name") for source in container.at("envFrom").elements()]
        used += [each.at("valueFrom", "configMapKeyRef", "name") for each in container.at("env").elements()]
        for reference in used:
            settings = maps.get(reference.text or "")
            if settings is None or unhashed(reference.text or "") != reference.text:
                continue
            where = settings.at("metadata", "name").place
            if (where.path, where.line) not in told:
                told.add((where.path, where.line))
                yield finding(
                    "GOP012",
                    where,
                    f"ConfigMap {reference}: 값이 바뀌어도 이름이 그대로라 Pod가 새로 뜨지 않는다",
                    f"the ConfigMap {reference} keeps its name when it changes, so no pod is replaced",
                )
    yield from untold(deploy, "GOP012")


def gop014(deploy: DeployRepo) -> Iterator[Answer]:
    """A rollback names the revision that it goes back to."""
    for each in said(deploy):
        call = kubectl(each.command)
        if call and call[0] == "rollout undo" and not any(word.startswith("--to-revision") for word in call[1]):
            yield finding(
                "GOP014",
                each.place,
                "kubectl rollout undo에 --to-revision이 없다",
                "kubectl rollout undo has no --to-revision",
            )
        elif each.command.name == "helm" and each.command.words[1:2] == ("rollback",):
            words = each.command.words[2:]
            named = [
                w for at, w in enumerate(words) if not w.startswith("-") and (not at or words[at - 1] not in TAKING)
            ]
            if len(named) == 1:
                yield finding("GOP014", each.place, "helm rollback에 리비전이 없다", "helm rollback names no revision")
