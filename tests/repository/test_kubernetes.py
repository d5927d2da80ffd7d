"""Kubernetes objects, their pods, containers and images."""

from __future__ import annotations

import pytest

from apparch.repository import Repository
from apparch.repository.kubernetes import (
    containers,
    images,
    manifests,
    name,
    parse_image,
    pod_labels,
    references,
    title,
)

POD = "{initContainers: [{name: i, image: 'i:1', restartPolicy: Always}], containers: [{name: c, image: c}]}"
TEMPLATE = f"{{metadata: {{labels: {{a: b}}}}, spec: {POD}}}"


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Deployment", f"{{template: {TEMPLATE}}}"),
        ("DaemonSet", f"{{template: {TEMPLATE}}}"),
        ("Job", f"{{template: {TEMPLATE}}}"),
        ("CronJob", f"{{jobTemplate: {{spec: {{template: {TEMPLATE}}}}}}}"),
        ("Rollout", f"{{template: {TEMPLATE}}}"),
    ],
)
def test_every_workload_tells_its_containers(kind: str, spec: str) -> None:
    """Those that run first and custom kinds included."""
    repository = Repository.of({"a.yaml": f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"})
    (node,) = manifests(repository)["a.yaml"]
    assert [(each.name, each.init, each.sidecar) for each in containers(node)] == [
        ("i", True, True),
        ("c", False, False),
    ]
    assert [str(each) for each in images(node)] == ["i:1", "c"]
    assert (pod_labels(node), title(node)) == ({"a": "b"}, f"{kind} x")


def test_a_pod_is_its_own_template() -> None:
    """And an object that makes no pods has no containers."""
    text = (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{labels: {{a: b}}}}\nspec: {POD}\n---\napiVersion: v1\nkind: Service\n"
    )
    pod, service = manifests(Repository.of({"a.yaml": text}))["a.yaml"]
    assert (len(containers(pod)), pod_labels(pod), containers(service)) == (2, {"a": "b"}, ())


def test_objects_are_found_in_every_form() -> None:
    """Several documents, lists in lists, JSON; not kustomizations, charts, or what is no object."""
    found = manifests(
        Repository.of(
            {
                "many.yaml": "apiVersion: v1\nkind: A\n---\n---\nx: 1\n---\napiVersion: v1\nkind: B\n",
                "list.yml": (
                    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: C, metadata: {name: c}}\n"
                    "- {apiVersion: v1, kind: DList, items: [{apiVersion: v1, kind: D, metadata: {name: d}}]}\n"
                ),
                "a.json": '{"apiVersion": "v1", "kind": "E"}',
                "package.json": '{"kind": "x"}',
                "kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
                "chart/Chart.yaml": "apiVersion: v2\nname: x\n",
                "chart/templates/a.yaml": "apiVersion: v1\nkind: {{ .x }}\n",
                "broken.yaml": "kind: [",
            }
        )
    )
    assert {path: len(nodes) for path, nodes in found.items()} == {"a.json": 1, "list.yml": 2, "many.yaml": 2}
    assert [name(node) for node in found["list.yml"]] == ["c", "d"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("nginx", ("", "nginx", "", "")),
        ("org/app:v1", ("", "org/app", "v1", "")),
        ("ghcr.io/org/app:v1@sha256:ab", ("ghcr.io", "org/app", "v1", "sha256:ab")),
        ("localhost:5000/app", ("localhost:5000", "app", "", "")),
        ("registry:5000/a/b:x", ("registry:5000", "a/b", "x", "")),
    ],
)
def test_an_image_is_split_into_its_parts(text: str, parts: tuple[str, ...]) -> None:
    """A port is no tag."""
    image = parse_image(text)
    assert (image.registry, image.repository, image.tag, image.digest) == parts


def test_what_pods_refer_to_is_told() -> None:
    """By name and kind, from every place that can."""
    text = """\
apiVersion: v1
kind: Pod
spec:
  serviceAccountName: sa
  imagePullSecrets: [{name: pull}]
  containers:
  - envFrom: [{configMapRef: {name: c1}}, {secretRef: {name: s1}}]
    env: [{name: A, valueFrom: {secretKeyRef: {name: s2, key: k}}}]
  volumes:
  - configMap: {name: c2}
  - secret: {secretName: s3}
  - projected: {sources: [{secret: {name: s4}}]}
  - persistentVolumeClaim: {claimName: p}
"""
    (pod,) = manifests(Repository.of({"a.yaml": text}))["a.yaml"]
    assert [f"{kind} {name}" for kind, name, _ in references(pod)] == [
        "ServiceAccount sa", "Secret pull", "ConfigMap c1", "Secret s1", "Secret s2", "ConfigMap c2", "Secret s3",
        "Secret s4", "PersistentVolumeClaim p",
    ]  # fmt: skip
