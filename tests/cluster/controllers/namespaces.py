"""What every namespace gets from the control plane: its default service account and the cluster's certificate."""

from __future__ import annotations

from tests.cluster.control import Control
from tests.cluster.objects import deleting, name


def reconcile(control: Control) -> None:
    """Give each namespace what it lacks."""
    accounts = {each["metadata"]["namespace"] for each in control.all("serviceaccounts") if name(each) == "default"}
    for each in control.all("namespaces"):
        if name(each) not in accounts and not deleting(each):
            metadata = {"name": "default", "namespace": name(each)}
            control.create("serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
