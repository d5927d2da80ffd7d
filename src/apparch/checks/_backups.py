"""The judge of where backups end: PLT020."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.checks._deploy import finding, of_kind, untold
from apparch.checks._served import beside
from apparch.deploy.objects import Seen
from apparch.deploy.pods import all_containers, command, pod
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, name

_DUMPS = re.compile(
    r"\b(pg_dump(all)?|pg_basebackup|mysqldump|mariadb-dump|mongodump|redis-cli\b.*--rdb|etcdctl\b.*snapshot save)\b"
)
_SENDS = re.compile(
    r"\b(aws|s3cmd|s5cmd|rclone|restic|mc|gsutil|gcloud|az|azcopy|scp|sftp|rsync|ssh|borg|curl|wal-g|barman|lftp)\b|s3://"
)


def plt020(deploy: DeployRepo) -> Iterator[Answer]:
    """A backup leaves the host that it saves: it is not dumped to a volume of that host and left there."""
    for each in of_kind(deploy, "CronJob", complete=True):
        found = all_containers(each.node)
        words = "\n".join(" ".join(command(container)) for container in found)
        images = " ".join(str(container.at("image")) for container in found)
        if not _DUMPS.search(words) or _SENDS.search(words) or re.search(r"s3|restic|rclone|backup|borg", images):
            continue
        for volume in pod(each.node).at("volumes").elements():
            claim = volume.at("persistentVolumeClaim", "claimName")
            if claim.text and _is_local(deploy, each, claim.text) and _writes_to(volume.at("name"), found):
                yield finding(
                    "PLT020",
                    claim,
                    f"CronJob {name(each.node)}의 백업이 노드의 볼륨 {claim}에 남는다",
                    f"the backup of the CronJob {name(each.node)} stays on the node, in the volume {claim}",
                )
    yield from untold(deploy, "PLT020")


def _is_local(deploy: DeployRepo, job: Seen, claim: str) -> bool:
    """Whether a claim is filled by a folder of the node."""
    return any(
        kind(other) == "PersistentVolumeClaim"
        and name(other) == claim
        and other.at("spec", "storageClassName").text == "local-path"
        for other in beside(deploy, job)
    )


def _writes_to(volume: Node, containers: list[Node]) -> bool:
    """Whether a container's commands name a folder that the volume is mounted at."""
    for container in containers:
        for mount in container.at("volumeMounts").elements():
            path = mount.at("mountPath").text
            if mount.at("name").text == volume.text and path and mount.at("readOnly").value is not True:
                return path.rstrip("/") in " ".join(command(container))
    return False
