"""One cluster, one set of services and one console per worker; operations take turns on them."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from tests.cluster import sealing
from tests.cluster.backing import Backing, backing
from tests.cluster.cluster import Cluster
from tests.cluster.controllers.sealed import LIFETIME, Sealing
from tests.cluster.nodes import images
from tests.kube import DEPLOY
from tests.operations import versions
from tests.operations.console import console
from tests.operations.stage import NAMESPACES, Stage

LOGIN = base64.b64encode(b"robot:first-token").decode()


@pytest.fixture(scope="session")
def services() -> Iterator[Backing]:
    """PostgreSQL, Redis and the exchange."""
    with backing() as running:
        yield running


@pytest.fixture(scope="session")
def stage(services: Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A cluster with an image of every version, and the Deploy repo sealed for it."""
    directory = tmp_path_factory.mktemp("operations")
    key = sealing.new_key(datetime.now(UTC), LIFETIME)
    repository = directory / "deploy"
    shutil.copytree(DEPLOY, repository)
    seal_all(repository, key[1], services.secrets)
    names = {f"postgres.{where}.svc.cluster.local": str(services.socket) for where in NAMESPACES.values()}
    names |= dict.fromkeys(("https://api.exchange.example", "https://sandbox.exchange.example"), services.exchange.url)
    with Cluster(names, login=LOGIN, sealing=Sealing(key)) as cluster:
        for tag, image in versions.catalogue(directory / "versions").items():
            cluster.registry.push(f"{versions.REPOSITORY}:{tag}", image)
        cluster.registry.push("docker.io/library/postgres:17", images.postgres())
        kubeconfig = cluster.kubeconfig(directory / "kubeconfig", "production", "staging")
        yield Stage(cluster, services, console(repository, directory, kubeconfig))


def seal_all(repository: Path, certificate: bytes, secrets: dict[str, str]) -> None:
    """Put sealed values in the place of every placeholder, and the good tag into every overlay."""
    auth = {"auths": {"ghcr.io": {"auth": LOGIN}}}
    values = secrets | {".dockerconfigjson": json.dumps(auth)}
    read = x509.load_pem_x509_certificate(certificate)
    for file in repository.glob("_shared/secrets/sealed/*/*.yaml"):
        thing = yaml.safe_load(file.read_text("utf-8"))
        if thing["kind"] == "SealedSecret":
            where = sealing.label(thing["metadata"]["namespace"], thing["metadata"]["name"], {})
            for each in thing["spec"]["encryptedData"]:
                thing["spec"]["encryptedData"][each] = sealing.seal(read, values[each].encode(), where)
            file.write_text(yaml.safe_dump(thing), "utf-8")
    for file in repository.glob("k8s/overlays/*/kustomization.yaml"):
        text = file.read_text("utf-8")
        tag = text.rpartition("newTag: ")[2].strip()
        file.write_text(text.replace(f"newTag: {tag}", f"newTag: {versions.GOOD}"), "utf-8")
