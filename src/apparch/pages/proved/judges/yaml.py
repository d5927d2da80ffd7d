"""YAML by its kind: workflows, Kubernetes objects, kustomizations and their patches, Helm values."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from apparch.catalogue.yaml_text import UniqueKeyLoader
from apparch.divergence import read_declared
from apparch.fleet.inventory import read_inventory
from apparch.fleet.model import FleetError
from apparch.pages.proved.judges.memory import remembered
from apparch.pages.proved.judges.model import Judge
from apparch.pages.proved.judges.objects import faults
from apparch.pages.proved.tools import Unavailable, first_failure, kubernetes_tool, run, tool
from apparch.pages.written.blocks import Block
from apparch.repository import Repository
from apparch.waivers import FILE, read_waivers


def choose(block: Block, _root: Path) -> Judge | None:
    """The judge of a YAML block by its place and its content; None where its kind is not known."""
    return next((judge for fits, judge in _KINDS if fits(block)), None)


def _documents(block: Block) -> list[Any]:
    try:
        return [entry for entry in yaml.load_all(block.text, Loader=UniqueKeyLoader) if entry is not None]
    except yaml.YAMLError:
        return []


def _unreadable(block: Block, _root: Path | None = None) -> str | None:
    try:
        list(yaml.load_all(block.text, Loader=UniqueKeyLoader))
    except yaml.YAMLError as error:
        return f"{block.origin}: not readable as YAML: {error}"
    return None


def _workflow(block: Block, root: Path) -> str | None:
    return _workflow_file(root, block.snippet.path)


@remembered
def _workflow_file(root: Path, path: str) -> str | None:
    file = root / path
    with tempfile.TemporaryDirectory() as folder:
        # A called workflow is looked for from the root of the Git repository: each snippet repository needs its own.
        own = Path(folder) / ".github/workflows"
        shutil.copytree(file.parent, own)
        subprocess.run(["git", "init", "--quiet", folder], check=True, capture_output=True)
        copy = str(own / file.name)
        # The schema comes first: zizmor ends with no finding on a workflow that the schema refuses.
        failure = first_failure(
            run([tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", copy]),
            run([tool("actionlint"), "-shellcheck=", "-pyflakes=", copy], cwd=Path(folder)),
            run([tool("zizmor"), "--offline", "--no-progress", copy]),
        )
    return failure and failure.replace(copy, path)


def _kustomization(block: Block, root: Path) -> str | None:
    return _rendered(root, (root / block.snippet.path).parent)


def _patch(block: Block, root: Path) -> str | None:
    overlay = (root / block.snippet.path).parent.parent
    named = (overlay / "kustomization.yaml").read_text("utf-8")
    if f"patches/{Path(block.snippet.path).name}" not in named:
        return f"{block.snippet.path}: no kustomization uses this patch"
    return _rendered(root, overlay)


@remembered
def _rendered(_root: Path, folder: Path) -> str | None:
    return run([str(kubernetes_tool("kubectl")), "kustomize", str(folder)])


def _helm(block: Block, root: Path) -> str | None:
    path = root / block.snippet.path
    chart = next(parent for parent in path.parents if (parent / "Chart.yaml").is_file())
    # The chart's own values leave out what differs by environment, so that it is judged with each of theirs.
    environments = [path] if path.name.startswith("values-") else sorted(chart.glob("values-*.yaml"))
    return (
        first_failure(*(_chart(root, chart, values) for values in environments)) if environments else "no values-*.yaml"
    )


@remembered
def _chart(_root: Path, chart: Path, values: Path) -> str | None:
    helm, options = str(kubernetes_tool("helm")), [str(chart), "--values", str(values)]
    return first_failure(run([helm, "lint", "--strict", *options]), run([helm, "template", "app", *options]))


def _sops(block: Block, root: Path) -> str | None:
    """Each creation rule must match the encrypted file of an environment that the repository has, and name a key."""
    overlays = [
        overlay.name for overlay in (root / block.snippet.path).parent.glob("k8s/overlays/*") if overlay.is_dir()
    ]
    paths = [f"_shared/secrets/sops/{overlay}/app-secrets.enc.yaml" for overlay in overlays]
    rules = _documents(block)[0]["creation_rules"]
    for rule in rules:
        matching = [path for path in paths if re.search(rule["path_regex"], path)]
        if len(matching) != 1 or not rule.get("age"):
            return f"{block.origin}: {rule['path_regex']} matches {matching or 'no environment'}"
    return None if len(rules) == len(paths) else f"{block.origin}: {len(paths)} environments, {len(rules)} rules"


def _monitoring_values(block: Block, _root: Path) -> str | None:
    """The chart that these values are for is not to be had here; its Alertmanager configuration can be judged."""
    if not shutil.which("amtool"):
        raise Unavailable("amtool is not on this machine: install the Debian package prometheus-alertmanager")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(_documents(block)[0]["alertmanager"]["config"], file)
        file.flush()
        return run(["amtool", "check-config", file.name])


def _hooks(block: Block, root: Path) -> str | None:
    """Each hook that is asked for has to be one that this repository offers."""
    offered = {each["id"] for each in yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    asked = {hook["id"] for entry in _documents(block)[0]["repos"] for hook in entry["hooks"]}
    return None if asked <= offered else f"{block.origin}: there is no hook {', '.join(sorted(asked - offered))}"


def _inventory(block: Block, root: Path) -> str | None:
    """What `apparch fleet` says of the list."""
    try:
        read_inventory(root / block.snippet.path)
    except FleetError as error:
        return str(error)
    return None


def _settings(block: Block, root: Path) -> str | None:
    """What `apparch check` says of waivers and declarations that it cannot take."""
    repository = Repository.of({FILE: (root / block.snippet.path).read_text("utf-8")})
    wrong = [*read_waivers(repository)[1], *read_declared(repository)[1]]
    return f"{block.origin}: {wrong[0].message.en}" if wrong else None


def _objects(block: Block, root: Path) -> str | None:
    for entry in _documents(block):
        found = faults(entry)
        if found:
            name = f"{entry.get('kind')}/{(entry.get('metadata') or {}).get('name')}"
            return f"{block.origin}: {name}: {found[0]}"
    return None


def _is_object(entry: Any) -> bool:
    return isinstance(entry, dict) and {"apiVersion", "kind"} <= entry.keys()


_KINDS: tuple[tuple[Callable[[Block], bool], Judge], ...] = (
    (
        lambda block: ".github/workflows" in block.snippet.path,
        Judge("GitHub's schema, actionlint, zizmor", "workflow", _workflow),
    ),
    (
        lambda block: block.snippet.path.endswith("/kustomization.yaml"),
        Judge("kubectl kustomize", "kustomization", _kustomization),
    ),
    (
        lambda block: "/patches/" in block.snippet.path,
        Judge("kubectl kustomize", "kustomize-patch", _patch),
    ),
    (
        lambda block: "/helm/" in block.snippet.path,
        Judge("helm lint, helm template", "helm", _helm),
    ),
    (
        lambda block: _unreadable(block) is not None,
        Judge("YAML", "yaml", _unreadable),
    ),
    (
        lambda block: block.snippet.path.endswith("/.sops.yaml"),
        Judge("the repository's own paths", "sops", _sops),
    ),
    (
        lambda block: block.snippet.path.endswith("/.pre-commit-config.yaml"),
        Judge("this repository's hooks", "pre-commit", _hooks),
    ),
    (
        lambda block: block.snippet.path.endswith("/fleet.yaml"),
        Judge("apparch fleet's own reader", "inventory", _inventory),
    ),
    (
        lambda block: block.snippet.path.endswith(f"/{FILE}"),
        Judge("apparch check's own reader", "settings", _settings),
    ),
    (
        lambda block: block.snippet.path.endswith("/monitoring/values.yaml"),
        Judge("amtool, for its Alertmanager part", "helm-values", _monitoring_values),
    ),
    (
        lambda block: bool(_documents(block)) and all(_is_object(entry) for entry in _documents(block)),
        Judge("Kubernetes schemas, strict", "kubernetes", _objects),
    ),
)
