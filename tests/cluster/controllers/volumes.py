"""The local-path provisioner: directories of a node as volumes, and what becomes of them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cluster.control import Control
from tests.cluster.objects import Object, annotation, deleting, finished, name, namespace, uid

PROVISIONER = "rancher.io/local-path"
SELECTED = "volume.kubernetes.io/selected-node"
PROTECTION = "kubernetes.io/pvc-protection"
HOSTNAME = "kubernetes.io/hostname"


def reconcile(control: Control) -> None:
    """Provision what a scheduled pod waits for, release what is claimed no longer, and reclaim it."""
    classes = {name(each): each for each in control.all("storageclasses.storage.k8s.io")}
    claims = control.all("persistentvolumeclaims")
    used = {
        (namespace(pod), volume["persistentVolumeClaim"]["claimName"])
        for pod in control.all("pods")
        if not finished(pod)
        for volume in pod["spec"].get("volumes") or []
        if "persistentVolumeClaim" in volume
    }
    volumes = {name(each): each for each in control.all("persistentvolumes")}
    for claim in claims:
        if deleting(claim):
            if (namespace(claim), name(claim)) not in used:
                _unprotect(control, claim)
        else:
            _protect(control, claim)
            _bind(control, claim, classes, volumes)
    live = {uid(each) for each in claims}
    for volume in volumes.values():
        _reclaim(control, volume, live)


def directory(volume: Object) -> Path:
    """Where on its node a volume lies."""
    spec = volume["spec"]
    return Path((spec.get("local") or spec.get("hostPath"))["path"])


def node_of(volume: Object) -> str:
    """The node that a volume is tied to; empty where it is tied to none."""
    terms = ((volume["spec"].get("nodeAffinity") or {}).get("required") or {}).get("nodeSelectorTerms") or []
    return next((v for t in terms for e in t["matchExpressions"] if e["key"] == HOSTNAME for v in e["values"]), "")


def _bind(control: Control, claim: Object, classes: dict[str, Object], volumes: dict[str, Object]) -> None:
    if (claim.get("status") or {}).get("phase") == "Bound":
        return
    named = claim["spec"].get("volumeName")
    volume = volumes.get(named) if named else None
    if volume is None:
        volume = _provision(control, claim, classes)
    if volume is None:
        if not (claim.get("status") or {}).get("phase"):
            control.status("persistentvolumeclaims", claim, lambda thing: thing.update(status={"phase": "Pending"}))
        return
    reference = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "uid": uid(claim)}
    reference |= {"name": name(claim), "namespace": namespace(claim)}
    claimed = volume["spec"].get("claimRef") or {}
    if claimed.get("uid") not in {None, uid(claim)}:
        return
    control.change("persistentvolumes", volume, lambda thing: thing["spec"].update(claimRef=reference))
    control.status("persistentvolumes", volume, lambda thing: thing.update(status={"phase": "Bound"}))
    control.change("persistentvolumeclaims", claim, lambda thing: thing["spec"].update(volumeName=name(volume)))
    bound = {"phase": "Bound", "accessModes": claim["spec"]["accessModes"], "capacity": volume["spec"]["capacity"]}
    control.status("persistentvolumeclaims", claim, lambda thing: thing.update(status=bound))


def _provision(control: Control, claim: Object, classes: dict[str, Object]) -> Object | None:
    storage = classes.get(claim["spec"].get("storageClassName") or "")
    node = annotation(claim, SELECTED)
    if storage is None or storage["provisioner"] != PROVISIONER or not node or claim["spec"].get("volumeName"):
        return None
    machine = control.get("nodes", None, node)
    if machine is None:
        return None
    called = f"pvc-{uid(claim)}"
    path = Path(annotation(machine, "stand-in/storage")) / f"{called}_{namespace(claim)}_{name(claim)}"
    path.mkdir(parents=True, exist_ok=True)
    # The provisioner's helper pod makes it writable for whatever user the pod runs as.
    path.chmod(0o777)
    control.event(claim, "ProvisioningSucceeded", f"Successfully provisioned volume {called}")
    return control.create(
        "persistentvolumes",
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": called, "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER}},
            "spec": {
                "capacity": claim["spec"]["resources"]["requests"],
                "accessModes": claim["spec"]["accessModes"],
                "persistentVolumeReclaimPolicy": storage.get("reclaimPolicy", "Delete"),
                "storageClassName": name(storage),
                "volumeMode": "Filesystem",
                "local": {"path": str(path)},
                "nodeAffinity": {
                    "required": {
                        "nodeSelectorTerms": [
                            {"matchExpressions": [{"key": HOSTNAME, "operator": "In", "values": [node]}]}
                        ]
                    }
                },
            },
        },
        claim,
    )


def _reclaim(control: Control, volume: Object, live: set[str]) -> None:
    claim = volume["spec"].get("claimRef") or {}
    if not claim.get("uid") or claim["uid"] in live:
        if not (volume.get("status") or {}).get("phase"):
            control.status("persistentvolumes", volume, lambda thing: thing.update(status={"phase": "Available"}))
        return
    if volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
        shutil.rmtree(directory(volume), ignore_errors=True)
        control.delete("persistentvolumes", volume)
    elif (volume.get("status") or {}).get("phase") != "Released":
        control.status("persistentvolumes", volume, lambda thing: thing.update(status={"phase": "Released"}))


def _protect(control: Control, claim: Object) -> None:
    if PROTECTION not in (claim["metadata"].get("finalizers") or []):

        def protect(thing: Object) -> None:
            thing["metadata"].setdefault("finalizers", []).append(PROTECTION)

        control.change("persistentvolumeclaims", claim, protect)


def _unprotect(control: Control, claim: Object) -> None:
    if PROTECTION in (claim["metadata"].get("finalizers") or []):
        control.change(
            "persistentvolumeclaims", claim, lambda thing: thing["metadata"]["finalizers"].remove(PROTECTION)
        )
