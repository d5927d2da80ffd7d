"""Two apps in one Deploy repo: neither's objects touch the other's, and either can go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.deploy.growing import second_app
from tests.deploy.rendering import workloads
from tests.kube import DEPLOY, Manifest, kustomize, of_kind

from apparch.cli import main

APPS = {"app": "k8s", "observer": "k8s/apps/observer"}
"""The two apps, each with the directory that holds its base and its overlays."""
PAIRS = [("app", "observer"), ("observer", "app")]


@dataclass(frozen=True)
class Two:
    """A Deploy repo with two apps, and what it renders for each in production."""

    root: Path
    rendered: dict[str, list[Manifest]]
    monitoring: list[Manifest]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    """The reference repo after the commands and edits of growth.md, *A second app*."""
    root = tmp_path_factory.mktemp("two") / "deploy"
    shutil.copytree(DEPLOY, root)
    for folder in ("k8s/base", "k8s/overlays", "_shared/migrations"):
        shutil.copytree(root / folder, root / "k8s/apps/observer" / Path(folder).name)
    second_app(root)
    rendered = {name: kustomize(root / home / "overlays/production") for name, home in APPS.items()}
    return Two(root, rendered, kustomize(root / "_shared/monitoring"))


@pytest.mark.rule("MAN016", "MAN017")
def test_the_repo_with_both_keeps_every_rule(two: Two) -> None:
    """apparch check has no finding in it."""
    with redirect_stdout(StringIO()) as said:
        assert (main(["check", str(two.root)]), "No rule is broken." in said.getvalue()) == (0, True)


@pytest.mark.parametrize("home", APPS.values(), ids=list(APPS))
def test_each_keeps_its_contract(home: str, two: Two) -> None:
    """Each is compared by its own overlays, and only the image's name says that one source stands for two apps here."""
    app = str(DEPLOY.parent / "app")
    with redirect_stdout(StringIO()) as said:
        main(
            ["contract", "--app", app, "--deploy", str(two.root), "--overlays", f"{home}/overlays/", "--format", "json"]
        )
    broken = {each["rule"] for each in yaml.safe_load(said.getvalue())["findings"]}
    assert broken == ({"TAG005"} if "observer" in home else set())


@pytest.mark.rule("MAN016")
def test_no_object_is_in_both(two: Two) -> None:
    """Not even by its name alone; the registry's login is sealed for each Namespace, under the name that both have."""
    names = {app: {(each["kind"], name_of(each)) for each in two.rendered[app]} for app in APPS}
    assert names["app"] & names["observer"] == {("SealedSecret", "ghcr-secret")}
    spaces = {app: {each["metadata"]["namespace"] for each in two.rendered[app]} for app in APPS}
    assert spaces == {"app": {"prj-01-prod"}, "observer": {"prj-02-prod"}}


@pytest.mark.rule("MAN017")
@pytest.mark.parametrize(("own", "other"), PAIRS)
def test_no_selector_of_one_means_a_pod_of_the_other(own: str, other: str, two: Two) -> None:
    """Of Services, budgets, policies, Deployments and monitors; in one Namespace they would not either."""
    pods = [each["spec"]["template"]["metadata"]["labels"] for each in workloads(two.rendered[other])]
    services = [each["metadata"]["labels"] for each in of_kind(two.rendered[other], "Service")]
    assert len(pods) == 2
    assert len(services) == 1
    chosen = [selector for each in two.rendered[own] for selector in selectors(each)]
    assert len(chosen) >= 6
    assert [one for one, pod in product(chosen, pods) if one.items() <= pod.items()] == []
    monitors = [each for each in of_kind(two.monitoring, "ServiceMonitor") if own in name_of(each)]
    assert [name_of(each) for each in monitors] == [f"{own}-monitor"]
    watched = [each["spec"]["selector"]["matchLabels"] for each in monitors]
    assert [one for one, service in product(watched, services) if one.items() <= service.items()] == []


@pytest.mark.rule("MAN017")
@pytest.mark.parametrize(("own", "other"), PAIRS)
def test_nothing_of_one_is_named_by_the_other(own: str, other: str, two: Two) -> None:
    """ConfigMaps, Secrets, accounts, Services and hosts that an app names are its own."""
    theirs = {name_of(each) for each in two.rendered[other]} - {"ghcr-secret"}
    theirs |= {each["host"] for one in of_kind(two.rendered[other], "Ingress") for each in one["spec"]["rules"]}
    assert [text for each in two.rendered[own] for text in texts(each) if text in theirs] == []


@pytest.mark.rule("MAN016")
@pytest.mark.parametrize(("stays", "goes"), PAIRS)
def test_either_can_go(stays: str, goes: str, two: Two, tmp_path: Path) -> None:
    """Without the files of one, every object of the other is rendered as before."""
    root = tmp_path / "deploy"
    shutil.copytree(two.root, root)
    home = root / APPS[goes]
    kept = root / "_shared/migrations" if goes == "app" else root / "_shared/secrets/sealed/observer"
    for folder in (home / "base", home / "overlays", kept):
        shutil.rmtree(folder)
    for namespace in (root / "k8s/namespaces").glob("prj-01-*" if goes == "app" else "prj-02-*"):
        namespace.unlink()
    assert kustomize(root / APPS[stays] / "overlays/production") == two.rendered[stays]


def name_of(thing: Manifest) -> str:
    """An object's name."""
    return str(thing["metadata"]["name"])


def selectors(thing: Manifest) -> Iterator[dict[str, str]]:
    """The labels by which an object means pods."""
    spec = thing.get("spec") or {}
    match thing["kind"]:
        case "Service":
            yield spec["selector"]
        case "NetworkPolicy":
            yield spec["podSelector"]["matchLabels"]
        case "Deployment":
            yield spec["selector"]["matchLabels"]
            for each in spec["template"]["spec"]["topologySpreadConstraints"]:
                yield each["labelSelector"]["matchLabels"]
        case "PodDisruptionBudget":
            yield spec["selector"]["matchLabels"]


def texts(value: Any) -> Iterator[str]:
    """Every text in an object."""
    match value:
        case dict():
            for below in value.values():
                yield from texts(below)
        case list():
            for below in value:
                yield from texts(below)
        case str():
            yield value
