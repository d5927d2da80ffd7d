"""YAML by its kind: workflows, Kubernetes objects, kustomizations and their patches, Helm values."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

from apparch.pages.blocks import Block
from apparch.pages.judges.kubectl import kubernetes_tool
from apparch.pages.judges.model import Judge, first_failure, run, tool

KUBERNETES = "1.34"
SCHEMAS = "tests/deploy/schemas"
KUSTOMIZE = ("kustomize.config.k8s.io/v1beta1", "kustomize.config.k8s.io/v1alpha1")


def choose(block: Block, root: Path) -> Judge | None:
    """The judge of a YAML block by its place and its content; None where its kind is not known."""
    path = PurePosixPath(block.snippet.path)
    if ".github/workflows" in block.snippet.path:
        return Judge("GitHub's schema, actionlint, zizmor", "workflow", _workflow)
    if path.name == "kustomization.yaml":
        return Judge("kubectl kustomize", "kustomization", _kustomization)
    if path.parent.name == "patches":
        return Judge("kubectl kustomize", "kustomize-patch", _patch)
    if "/helm/" in block.snippet.path:
        return Judge("helm lint, helm template", "helm", _helm)
    if path.name == ".sops.yaml":
        return Judge("the repository's own paths", "sops", _sops)
    documents = _documents(block)
    if documents and all(isinstance(entry, dict) and {"apiVersion", "kind"} <= entry.keys() for entry in documents):
        return Judge("Kubernetes schemas, strict", "kubernetes", _objects)
    return None


def _documents(block: Block) -> list[Any]:
    try:
        return [entry for entry in yaml.safe_load_all(block.text) if entry is not None]
    except yaml.YAMLError:
        return []


def _workflow(block: Block, root: Path) -> str | None:
    return _workflow_file(block.snippet.path, root)


@lru_cache
def _workflow_file(path: str, root: Path) -> str | None:
    # The schema comes first: zizmor ends with no finding on a workflow that the schema refuses.
    return first_failure(
        run([tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", path], cwd=root),
        run([tool("actionlint"), "-shellcheck=", "-pyflakes=", path], cwd=root),
        run([tool("zizmor"), "--offline", "--no-progress", path], cwd=root),
    )


def _kustomization(block: Block, root: Path) -> str | None:
    return _rendered((root / block.snippet.path).parent)


def _patch(block: Block, root: Path) -> str | None:
    overlay = (root / block.snippet.path).parent.parent
    named = (overlay / "kustomization.yaml").read_text("utf-8")
    if f"patches/{Path(block.snippet.path).name}" not in named:
        return f"{block.snippet.path}: no kustomization uses this patch"
    return _rendered(overlay)


@lru_cache
def _rendered(folder: Path) -> str | None:
    return run([str(kubernetes_tool("kubectl")), "kustomize", str(folder)])


def _helm(block: Block, root: Path) -> str | None:
    path = root / block.snippet.path
    chart = next(parent for parent in path.parents if (parent / "Chart.yaml").is_file())
    # The chart's own values leave out what differs by environment, so that it is judged with each of theirs.
    environments = [path] if path.name.startswith("values-") else sorted(chart.glob("values-*.yaml"))
    return first_failure(*(_chart(chart, values) for values in environments)) if environments else "no values-*.yaml"


@lru_cache
def _chart(chart: Path, values: Path) -> str | None:
    helm, options = str(kubernetes_tool("helm")), [str(chart), "--values", str(values)]
    return first_failure(run([helm, "lint", "--strict", *options]), run([helm, "template", "app", *options]))


def _sops(block: Block, root: Path) -> str | None:
    """Each creation rule must match the encrypted file of an environment that the repository has, and name a key."""
    overlays = [overlay.name for overlay in (root / block.snippet.path).parent.glob("k8s/overlays/*") if overlay.is_dir()]
    paths = [f"_shared/secrets/sops/{overlay}/app-secrets.enc.yaml" for overlay in overlays]
    rules = _documents(block)[0]["creation_rules"]
    for rule in rules:
        matching = [path for path in paths if re.search(rule["path_regex"], path)]
        if len(matching) != 1 or not rule.get("age"):
            return f"{block.origin}: {rule['path_regex']} matches {matching or 'no environment'}"
    return None if len(rules) == len(paths) else f"{block.origin}: {len(paths)} environments, {len(rules)} rules"


def _objects(block: Block, root: Path) -> str | None:
    for entry in _documents(block):
        failure = validate_object(entry, root)
        if failure:
            return f"{block.origin}: {failure}"
    return None


def validate_object(entry: dict[str, Any], root: Path) -> str | None:
    """What a strict schema finds wrong with a Kubernetes object; an unknown kind is wrong too."""
    name = f"{entry.get('kind')}/{(entry.get('metadata') or {}).get('name')}"
    version = str(entry.get("apiVersion"))
    custom = _custom_schema(root, version, str(entry.get("kind")))
    try:
        if custom is not None:
            jsonschema.validate(entry, custom)
        else:
            kubernetes_validate.validate(entry, KUBERNETES, strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        return f"{name}: no schema knows {version} {entry.get('kind')}; correct the kind or add its schema to {SCHEMAS}"
    except (kubernetes_validate.ValidationError, jsonschema.ValidationError) as error:
        path = ".".join(str(part) for part in error.path)
        return f"{name}: {path or 'top level'}: {error.message}"
    return None


@lru_cache
def _custom_schema(root: Path, version: str, kind: str) -> dict[str, Any] | None:
    group, _, number = version.partition("/")
    file = root / SCHEMAS / f"{kind.lower()}-{group.split('.')[0]}-{number}.json"
    if not file.is_file():
        return None
    loaded: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return loaded
