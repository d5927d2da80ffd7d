"""The stage that operations are played on: a cluster with an image of every version, the Deploy repo sealed for it."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import yaml
from cryptography import x509
from tests.cluster import sealing
from tests.cluster.backing import backing
from tests.cluster.cluster import Cluster
from tests.cluster.controllers.sealed import LIFETIME, Sealing
from tests.cluster.nodes import images
from tests.kube import DEPLOY
from tests.operations import versions
from tests.operations.console import console
from tests.operations.stage import NAMESPACES, Stage

LOGIN = base64.b64encode(b"robot:first-token").decode()


@contextmanager
def furnished(directory: Path) -> Iterator[Stage]:
    """A stage of its own, with its services; it makes its files in the directory."""
    key = sealing.new_key(datetime.now(UTC), LIFETIME)
    repository = directory / "deploy"
    shutil.copytree(DEPLOY, repository)
    with backing() as services:
        _seal_all(repository, key[1], services.secrets)
        names = {f"postgres.{where}.svc.cluster.local": str(services.socket) for where in NAMESPACES.values()}
        exchanges = ("https://api.exchange.example", "https://sandbox.exchange.example")
        names |= dict.fromkeys(exchanges, services.exchange.url)
        with Cluster(names, login=LOGIN, sealing=Sealing(key)) as cluster:
            for tag, image in versions.catalogue(directory / "versions").items():
                cluster.registry.push(f"{versions.REPOSITORY}:{tag}", image)
            cluster.registry.push("docker.io/library/postgres:17", images.postgres())
            kubeconfig = cluster.kubeconfig(directory / "kubeconfig", "production", "staging")
            yield Stage(cluster, services, console(repository, directory, kubeconfig))


def _seal_all(repository: Path, certificate: bytes, secrets: dict[str, str]) -> None:
    """Put sealed values in the place of every placeholder, and the good tag into every overlay."""
    auth = {"auths": {"ghcr.io": {"auth": LOGIN}}}
    values = secrets | {".dockerconfigjson": json.dumps(auth)}
    read = x509.load_pem_x509_certificate(certificate)
    for file in repository.glob("_shared/secrets/sealed/*/*.yaml"):
        thing = yaml.safe_load(file.read_text("utf-8"))
        if thing["kind"] == "SealedSecret" and set(thing["spec"]["encryptedData"]) <= set(values):
            where = sealing.label(thing["metadata"]["namespace"], thing["metadata"]["name"], {})
            for each in thing["spec"]["encryptedData"]:
                thing["spec"]["encryptedData"][each] = sealing.seal(read, values[each].encode(), where)
            file.write_text(yaml.safe_dump(thing), "utf-8")
    for file in repository.glob("k8s/overlays/*/kustomization.yaml"):
        text = file.read_text("utf-8")
        tag = text.rpartition("newTag: ")[2].strip()
        file.write_text(text.replace(f"newTag: {tag}", f"newTag: {versions.GOOD}"), "utf-8")
