"""The pods that objects make: their containers and labels, and which selectors mean them."""

from __future__ import annotations

from apparch.repository.kubernetes import command, pod, template
from apparch.repository.nodes import Node

__all__ = [
    "MAKERS",
    "SERVING",
    "WORKLOADS",
    "all_containers",
    "command",
    "containers",
    "pod",
    "pod_labels",
    "pod_metadata",
    "selects",
]

SERVING = ("Deployment", "StatefulSet", "DaemonSet")
WORKLOADS = (*SERVING, "ReplicaSet", "Job", "CronJob", "Pod")
MAKERS = (*WORKLOADS, "Rollout")
"""With what Argo Rollouts has in the place of a Deployment."""


def pod_labels(workload: Node) -> Node:
    """The labels of the pods that a workload makes."""
    return pod_metadata(workload).at("labels")


def pod_metadata(workload: Node) -> Node:
    """The metadata of those pods."""
    return template(workload).at("metadata")


def containers(workload: Node) -> list[Node]:
    """The containers of those pods, without init containers."""
    return pod(workload).at("containers").elements()


def all_containers(workload: Node) -> list[Node]:
    """The containers of those pods, those that run before the others first."""
    return [*pod(workload).at("initContainers").elements(), *containers(workload)]


def selects(selector: Node, labels: Node) -> bool:
    """Whether a selector that is not empty selects an object with these labels.

    It is a mapping of labels, as a Service has, or a mapping with `matchLabels`, `matchExpressions` or both.
    """
    equal, expressions = selector.at("matchLabels"), selector.at("matchExpressions").elements()
    wanted = dict((equal if equal.present or expressions else selector).items())
    return bool(wanted or expressions) and all(
        [
            *(labels.at(key).value == node.value and labels.at(key).present for key, node in wanted.items()),
            *(_holds(each, labels) for each in expressions),
        ]
    )


def _holds(expression: Node, labels: Node) -> bool:
    """Whether labels fulfil one entry of `matchExpressions`; one without a known operator is fulfilled by none."""
    label = labels.at(expression.at("key").text or "")
    listed = label.text in [each.text for each in expression.at("values").elements()]
    return {
        "In": label.present and listed,
        "NotIn": not listed,
        "Exists": label.present,
        "DoesNotExist": not label.present,
    }.get(expression.at("operator").text or "", False)
