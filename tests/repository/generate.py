"""Kustomizations drawn by Hypothesis; `python -m tests.repository.generate` writes them to corpus/generated.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "corpus"
COUNT = 120
SEED = 20261127

_TEXT = st.sampled_from(["a", "prod", "x-y", "true", "8080", "v1.2"])
_LABELS = st.dictionaries(st.sampled_from(["env", "tier", "app", "team/name"]), _TEXT, min_size=1, max_size=2)
_NAMED = [
    ("apps/v1", "Deployment", "app"),
    ("apps/v1", "StatefulSet", "db"),
    ("v1", "Service", "app"),
    ("v1", "ConfigMap", "settings"),
    ("batch/v1", "CronJob", "clean"),
    ("networking.k8s.io/v1", "Ingress", "app"),
    ("monitoring.coreos.com/v1", "ServiceMonitor", "app"),
]
_CONTAINER = st.fixed_dictionaries(
    {"name": st.sampled_from(["app", "proxy", "new"])},
    optional={
        "image": st.sampled_from(["ghcr.io/org/app:v1", "b", None]),
        "args": st.lists(_TEXT, max_size=2),
        "env": st.lists(
            st.fixed_dictionaries(
                {"name": st.sampled_from(["MODE", "KEY", "NEW"])},
                optional={"value": _TEXT | st.none(), "$patch": st.just("delete")},
            ),
            max_size=2,
            unique_by=lambda each: each["name"],
        ),
        "volumeMounts": st.just([{"name": "files", "mountPath": "/tmp"}]),
        "ports": st.sampled_from([[{"containerPort": 8080, "name": "web"}], [{"containerPort": 1}], []]),
        "$patch": st.sampled_from(["delete", "replace", "merge"]),
    },
)
_POD = st.fixed_dictionaries(
    {},
    optional={
        "containers": st.lists(_CONTAINER, max_size=2, unique_by=lambda each: each["name"]),
        "volumes": st.sampled_from([[{"name": "tmp", "$patch": "delete"}], [{"name": "v", "emptyDir": {}}], None]),
        "tolerations": st.sampled_from([[], [{"key": "b"}], None]),
        "affinity": st.sampled_from([None, {"$patch": "replace", "nodeAffinity": {}}]),
        "serviceAccountName": st.sampled_from(["app-sa", "other"]),
    },
)


@st.composite
def _merges(draw: st.DrawFn) -> dict[str, Any]:
    version, kind, name = draw(st.sampled_from(_NAMED))
    patch: dict[str, Any] = {"apiVersion": version, "kind": kind, "metadata": {"name": name}}
    if draw(st.booleans()):
        patch["metadata"]["labels"] = draw(_LABELS | st.none())
    if kind in ("Deployment", "StatefulSet"):
        patch["spec"] = {"template": {"spec": draw(_POD)}, "replicas": draw(st.integers(0, 5) | st.none())}
    elif kind == "ConfigMap":
        patch["data"] = draw(st.dictionaries(st.sampled_from(["LEVEL", "PORT", "NEW"]), _TEXT | st.none(), max_size=2))
    entry: dict[str, Any] = {"patch": json.dumps(patch, indent=1)}
    if draw(st.booleans()):
        entry["target"] = draw(_targets())
    return entry


def _targets() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"kind": st.sampled_from(["Deployment", "Deploy.*", "Service|ConfigMap", "StatefulSet"])},
        optional={
            "name": st.sampled_from(["app", "a.*", "none", "^db$"]),
            "labelSelector": st.sampled_from(["app=app", "app!=app", "env"]),
            "group": st.sampled_from(["apps", ""]),
        },
    )


_OPERATIONS = st.lists(
    st.sampled_from(
        [
            {"op": "add", "path": "/metadata/annotations/n", "value": "1"},
            {"op": "add", "path": "/metadata/labels", "value": {"l": "m"}},
            {"op": "replace", "path": "/spec/replicas", "value": 3},
            {"op": "remove", "path": "/metadata/labels"},
            {"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": {"name": "O", "value": "p"}},
            {"op": "copy", "from": "/metadata/name", "path": "/metadata/annotations/copy"},
            {"op": "test", "path": "/kind", "value": "Deployment"},
        ]
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def _operated(draw: st.DrawFn) -> dict[str, Any]:
    return {"target": draw(_targets()), "patch": json.dumps(draw(_OPERATIONS))}


def _generated(names: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    entry = st.fixed_dictionaries(
        {
            "name": st.sampled_from(names),
            "literals": st.lists(st.sampled_from(["A=1", "B='q'", "LEVEL=x"]), unique=True),
        },
        optional={
            "behavior": st.sampled_from(["create", "merge", "replace"]),
            "options": st.sampled_from([{"disableNameSuffixHash": True}, {"labels": {"g": "h"}}, {"immutable": True}]),
        },
    )
    return st.lists(entry, min_size=1, max_size=2, unique_by=lambda each: each["name"])


_IMAGES = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["ghcr.io/org/app", "postgres", "registry:5000/proxy", "app", "ghcr.io/.*"])},
        optional={
            "newName": st.sampled_from(["mirror.example/app", "a:5000/b"]),
            "newTag": st.sampled_from(["v2", "1.0"]),
            "digest": st.just(f"sha256:{'0123456789abcdef' * 4}"),
        },
    ),
    min_size=1,
    max_size=2,
)
_MARKS = st.lists(
    st.fixed_dictionaries(
        {"pairs": _LABELS},
        optional={"includeSelectors": st.booleans(), "includeTemplates": st.booleans()},
    ),
    min_size=1,
    max_size=2,
)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "namespace": st.sampled_from(["prod", "default"]),
    "namePrefix": st.sampled_from(["a-", "b-"]),
    "nameSuffix": st.sampled_from(["-z", "-v2"]),
    "commonLabels": _LABELS,
    "commonAnnotations": _LABELS,
    "labels": _MARKS,
    "images": _IMAGES,
    "replicas": st.sampled_from(
        [[{"name": "app", "count": 4}], [{"name": "db", "count": 2}, {"name": "a-app", "count": 1}]]
    ),
    "configMapGenerator": _generated(["settings", "files", "made"]),
    "secretGenerator": _generated(["passwords", "pull", "made"]),
    "generatorOptions": st.sampled_from([{"disableNameSuffixHash": True}, {"labels": {"all": "of"}}]),
    "patches": st.lists(_merges() | _operated(), min_size=1, max_size=2),
}


@st.composite
def kustomizations(draw: st.DrawFn) -> dict[str, Any]:
    """A case: an overlay, mostly with a layer or a component between it and the base."""
    between = draw(st.sampled_from(["layer", "component", "nothing"]))
    over: dict[str, Any] = {"resources": ["../mid" if between == "layer" else "../base"], **draw(_layer(4))}
    files: dict[str, str] = {}
    if between == "layer":
        files["mid/kustomization.yaml"] = _written({"resources": ["../base"], **draw(_layer(3))})
    if between == "component":
        over["components"] = ["../part"]
        head = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
        files["part/kustomization.yaml"] = _written({**head, **draw(_layer(3))})
    return {"over": _written(over), **({"files": files} if files else {})}


@st.composite
def _layer(draw: st.DrawFn, most: int) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(_FIELDS)), min_size=1, max_size=most, unique=True))
    return {name: draw(_FIELDS[name]) for name in names}


def _written(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=1_000)


def main() -> None:
    """Draw the cases and write them."""
    found: dict[str, dict[str, Any]] = {}

    @seed(SEED)
    @settings(max_examples=COUNT * 3, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(kustomizations())
    def draw(case: dict[str, Any]) -> None:
        found.setdefault(json.dumps(case), case)

    draw()
    # The smallest are drawn first, and say least.
    cases = [{"name": f"generated {number}", **case} for number, case in enumerate([*found.values()][-COUNT:], 1)]
    head = "# Written by tests/repository/generate.py; kubectl says which of them are refused.\n"
    text = yaml.safe_dump(cases, sort_keys=False, allow_unicode=True, width=1_000)
    (CORPUS / "generated.yaml").write_text(head + text, "utf-8")


if __name__ == "__main__":
    main()
