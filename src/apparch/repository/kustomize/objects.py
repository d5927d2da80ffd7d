"""Kubernetes objects as nodes: what identifies one, and small changes that make a new one."""

from __future__ import annotations

from apparch.repository.nodes import Node, Value

CLUSTER_KINDS = frozenset(
    [
        "Namespace",
        "Node",
        "PersistentVolume",
        "ClusterRole",
        "ClusterRoleBinding",
        "StorageClass",
        "PriorityClass",
        "IngressClass",
        "CustomResourceDefinition",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
        "APIService",
        "RuntimeClass",
        "CSIDriver",
        "CSINode",
        "VolumeAttachment",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "CertificateSigningRequest",
        "ClusterTrustBundle",
        "ComponentStatus",
        "DeviceClass",
        "FlowSchema",
        "IPAddress",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "SelfSubjectAccessReview",
        "SelfSubjectReview",
        "SelfSubjectRulesReview",
        "ServiceCIDR",
        "StorageVersion",
        "StorageVersionMigration",
        "SubjectAccessReview",
        "TokenReview",
        "VolumeAttributesClass",
    ]
)
"""Kinds that belong to no namespace."""
BUILT_IN_GROUPS = frozenset({"", "apps", "batch", "autoscaling", "policy", "extensions"})


def group(node: Node) -> str:
    """The API group; empty for the core group."""
    version = node.at("apiVersion").text or ""
    return version.rpartition("/")[0]


def kind(node: Node) -> str:
    """The kind; empty for what is no object."""
    return node.at("kind").text or ""


def name(node: Node) -> str:
    """The object's name; empty if it has none."""
    return node.at("metadata", "name").text or ""


def namespace(node: Node) -> str:
    """The object's namespace; empty if none is stated."""
    return node.at("metadata", "namespace").text or ""


def identity(node: Node) -> tuple[str, str, str, str]:
    """What may stand only once in a rendering."""
    return group(node), kind(node), namespace(node), name(node)


def cluster_wide(node: Node) -> bool:
    """Whether the object belongs to no namespace; a kind that is not built in is thought to belong to one."""
    return kind(node) in CLUSTER_KINDS and built_in(node)


def title(node: Node) -> str:
    """How a message names the object."""
    return f"{kind(node)} {name(node)}"


def built_in(node: Node) -> bool:
    """Whether lists of the object merge by key: custom resources have no schema here, so theirs are replaced."""
    return group(node) in BUILT_IN_GROUPS or group(node).endswith(".k8s.io")


def with_value(node: Node, value: Value) -> Node:
    """The same place with another value."""
    return Node(value, node.place, keys=node.keys)


def with_entry(node: Node, key: str, entry: Node) -> Node:
    """A mapping with one entry set; the entry's place becomes the key's if it is new."""
    entries = dict(node.items())
    entries[key] = entry
    keys = {**node.keys, key: entry.place} if key not in node.keys else node.keys
    return Node(entries, node.place, keys=keys)


def with_path(node: Node, path: tuple[str, ...], entry: Node) -> Node:
    """A mapping with a nested entry set; missing mappings on the way are made at the entry's place."""
    if not path:
        return entry
    below = node.at(path[0])
    if not isinstance(below.value, dict):
        below = Node({}, entry.place)
    return with_entry(node, path[0], with_path(below, path[1:], entry))


def without(node: Node, key: str) -> Node:
    """A mapping without one entry."""
    return Node({name: each for name, each in node.items() if name != key}, node.place, keys=node.keys)
