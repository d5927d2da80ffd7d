"""The real kubectl and helm work against the stand-in API server as against a cluster."""

from __future__ import annotations

import http.server
import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cluster.conftest import Clients, Refused
from tests.cluster.errors import NotFound
from tests.cluster.store import Object
from tests.kube import DEPLOY, kustomize

CHART = DEPLOY / "helm" / "apps" / "app"
OVERLAY = DEPLOY / "k8s" / "overlays" / "production"
CRD = Path(__file__).with_name("testdata") / "sealed-secrets-crd.yaml"
NAMESPACE = "prj-01-prod"
ROLLED_OUT = {
    "replicas": 2,
    "updatedReplicas": 2,
    "readyReplicas": 2,
    "availableReplicas": 2,
    "conditions": [{"type": "Available", "status": "True"}],
}


def deployment(replicas: int = 2, image: str = "app:1") -> str:
    """A Deployment, as a manifest."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    return json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})


def running_pod(clients: Clients, name: str, labels: dict[str, str] | None = None) -> None:
    """A pod that some node runs and that is ready."""
    pods = clients.store.resources.named("pods")
    containers = [{"name": "web", "image": "app:1"}]
    metadata: Object = {"name": name, "namespace": clients.namespace, "labels": labels or {}}
    # An owner that is there, so that drain takes the pod for one that comes back.
    replicas = clients.store.create(
        clients.store.resources.named("replicasets.apps"), json.loads(_replica_set(clients.namespace, name))
    )
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": name, "uid": replicas["metadata"]["uid"]}
    metadata["ownerReferences"] = [owner | {"controller": True}]
    clients.store.create(pods, {"metadata": metadata, "spec": {"containers": containers}})
    clients.store.change(pods, clients.namespace, name, lambda it: it["spec"].update(nodeName="node-a"), "binding")
    clients.set_status("pods", name, phase="Running", conditions=[{"type": "Ready", "status": "True"}])


def _replica_set(namespace: str, name: str) -> str:
    template = {"metadata": {"labels": {"set": name}}, "spec": {"containers": [{"name": "web", "image": "app:1"}]}}
    spec = {"selector": {"matchLabels": {"set": name}}, "template": template}
    return json.dumps({"metadata": {"name": name, "namespace": namespace}, "spec": spec})


def test_version_has_the_form_of_k3s(clients: Clients) -> None:
    """Client and server tell the same minor version."""
    told = json.loads(clients.kubectl("version", "-o", "json"))
    assert told["serverVersion"]["gitVersion"] == "v1.37.0+k3s1"
    assert told["serverVersion"]["minor"] == told["clientVersion"]["minor"]


@pytest.fixture
def production(clients: Clients) -> Iterator[Clients]:
    """A cluster with the definition and the namespace that the overlay needs."""
    namespaces = clients.store.resources.named("namespaces")
    clients.kubectl("apply", "-f", str(CRD))
    clients.store.create(namespaces, {"metadata": {"name": NAMESPACE}})
    yield clients
    with suppress(NotFound):
        clients.store.delete(namespaces, None, NAMESPACE)
    while NAMESPACE in [each["metadata"]["name"] for each in clients.store.list(namespaces)[0]]:
        time.sleep(0.1)


def test_applied_overlay_is_unchanged_when_it_is_applied_again(production: Clients) -> None:
    """What the server adds is no difference.

    A budget is always configured, as its selector is replaced whole, and so is a list without a key to which the server
    adds something: kubectl compares it as it is written.
    """
    production.kubectl("apply", "-k", str(OVERLAY))
    again = production.kubectl("apply", "-k", str(OVERLAY)).splitlines()
    configured = [line.partition("/")[0] for line in again if not line.endswith(" unchanged")]
    assert set(configured) <= {"networkpolicy.networking.k8s.io", "poddisruptionbudget.policy"}
    assert production.kubectl("diff", "-k", str(OVERLAY)) == ""


def test_overlay_applied_on_the_server_again_writes_nothing(production: Clients) -> None:
    """The same manager's same configuration leaves every version as it was, and differs from nothing."""
    apply = ("apply", "--server-side", "-k", str(OVERLAY))
    production.kubectl(*apply)
    version = production.store.version
    production.kubectl(*apply)
    assert production.store.version == version
    assert production.kubectl("diff", "--server-side", "-k", str(OVERLAY)) == ""


def test_delete_of_an_overlay_takes_all_of_it_away(production: Clients) -> None:
    """Every object of the overlay is deleted, and waited for."""
    production.kubectl("apply", "-k", str(OVERLAY))
    gone = production.kubectl("delete", "-k", str(OVERLAY), "--wait", "--timeout=20s").splitlines()
    assert len(gone) == len(kustomize(OVERLAY))
    assert production.kubectl("get", "-k", str(OVERLAY), "--ignore-not-found") == ""


def test_three_way_merge_removes_what_the_manifest_no_longer_has(clients: Clients) -> None:
    """Client-side apply deletes a label that it set, and keeps one that another set."""
    labelled = json.loads(deployment())
    labelled["metadata"]["labels"] = {"mine": "yes", "ours": "yes"}
    clients.kubectl("apply", "-f", "-", given=json.dumps(labelled))
    clients.kubectl("label", "deployment", "web", "theirs=yes")
    del labelled["metadata"]["labels"]["mine"]
    clients.kubectl("apply", "-f", "-", given=json.dumps(labelled))
    assert clients.get("deployments.apps", "web")["metadata"]["labels"] == {"ours": "yes", "theirs": "yes"}


def test_server_side_apply_refuses_what_another_manager_owns(clients: Clients) -> None:
    """The second manager is told the field and its owner, and may take it by force."""
    clients.kubectl("apply", "--server-side", "--field-manager=one", "-f", "-", given=deployment(2))
    other = ("apply", "--server-side", "--field-manager=two", "-f", "-")
    refusal = clients.refused(*other, given=deployment(3)).splitlines()[0]
    clients.kubectl(*other, "--force-conflicts", given=deployment(3))
    assert refusal == 'error: Apply failed with 1 conflict: conflict with "one": .spec.replicas'
    assert clients.get("deployments.apps", "web")["spec"]["replicas"] == 3


def test_apply_moves_from_the_client_to_the_server(clients: Clients) -> None:
    """kubectl hands its fields over, so that what is then left out is removed."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    clients.kubectl("apply", "--server-side", "-f", "-", given=deployment())
    without = json.loads(deployment())
    del without["spec"]["replicas"]
    clients.kubectl("apply", "--server-side", "-f", "-", given=json.dumps(without))
    found = clients.get("deployments.apps", "web")
    managers = sorted((each["manager"], each["operation"]) for each in found["metadata"]["managedFields"])
    assert managers == [("kubectl", "Apply"), ("kubectl-last-applied", "Apply")]
    assert found["spec"]["replicas"] == 1


def test_diff_shows_what_would_change_and_changes_nothing(clients: Clients) -> None:
    """The difference is that of a dry run on the server."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    shown = _difference(clients, deployment(image="app:2"))
    assert [line for line in shown if line[:1] in "+-" and "image" in line] == [
        "-      - image: app:1",
        "+      - image: app:2",
    ]
    assert clients.get("deployments.apps", "web")["metadata"]["generation"] == 1


def _difference(clients: Clients, manifest: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        clients.kubectl("diff", "-f", "-", given=manifest)
    return str(caught.value.stdout).splitlines()


def test_dry_run_on_the_server_creates_nothing(clients: Clients) -> None:
    """The object is judged, completed and forgotten."""
    clients.kubectl("apply", "--dry-run=server", "-f", "-", given=deployment())
    assert "NotFound" in clients.refused("get", "deployment", "web")


def test_unknown_field_is_refused_before_anything_is_created(clients: Clients) -> None:
    """kubectl asks for strict validation, and the server names the field."""
    wrong = deployment().replace('"image"', '"imag"')
    refusal = clients.refused("create", "-f", "-", given=wrong)
    assert 'strict decoding error: unknown field "spec.template.spec.containers[0].imag"' in refusal


def test_typed_commands_create_objects(clients: Clients) -> None:
    """Commands that send protobuf are understood as those that send JSON."""
    clients.kubectl("create", "deployment", "typed", "--image=app:1", "--port=8080", "--replicas=3")
    clients.kubectl("create", "secret", "generic", "key", "--from-literal=a=b")
    clients.kubectl("create", "job", "once", "--image=app:1", "--", "true")
    found = clients.get("deployments.apps", "typed")["spec"]
    assert (found["replicas"], found["template"]["spec"]["containers"][0]["ports"]) == (
        3,
        [{"containerPort": 8080, "protocol": "TCP"}],
    )
    assert clients.get("secrets", "key")["data"] == {"a": "Yg=="}
    assert clients.get("jobs.batch", "once")["spec"]["template"]["spec"]["containers"][0]["command"] == ["true"]


def test_patches_of_three_kinds(clients: Clients) -> None:
    """A strategic patch merges containers by name, the others do what their RFCs say."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    strategic = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "side:1"}]}}}}
    clients.kubectl("patch", "deployment", "web", "-p", json.dumps(strategic))
    clients.kubectl("patch", "deployment", "web", "--type=merge", "-p", '{"spec":{"replicas":4}}')
    clients.kubectl(
        "patch", "deployment", "web", "--type=json", "-p", '[{"op":"add","path":"/spec/paused","value":true}]'
    )
    spec = clients.get("deployments.apps", "web")["spec"]
    assert [each["name"] for each in spec["template"]["spec"]["containers"]] == ["side", "web"]
    assert (spec["replicas"], spec["paused"]) == (4, True)


def test_replace_takes_a_changed_copy(clients: Clients) -> None:
    """An object that was read can be written back, and a stale one cannot."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    read = clients.kubectl("get", "deployment", "web", "-o", "json")
    clients.kubectl("replace", "-f", "-", given=read.replace("app:1", "app:2"))
    refusal = clients.refused("replace", "-f", "-", given=read.replace("app:1", "app:3"))
    assert clients.get("deployments.apps", "web")["spec"]["template"]["spec"]["containers"][0]["image"] == "app:2"
    assert "the object has been modified" in refusal


def test_scale_asks_for_what_is_there(clients: Clients) -> None:
    """The scale is changed alone, and only from the number that was expected."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    clients.kubectl("scale", "deployment/web", "--replicas=5", "--current-replicas=2")
    refusal = clients.refused("scale", "deployment/web", "--replicas=1", "--current-replicas=2")
    assert clients.get("deployments.apps", "web")["spec"]["replicas"] == 5
    assert refusal == "error: Expected replicas to be 2, was 5"


def test_rollout_status_ends_when_the_status_says_so(clients: Clients) -> None:
    """kubectl watches the Deployment until it is complete."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    timer = threading.Timer(0.5, lambda: clients.set_status("deployments.apps", "web", **ROLLED_OUT))
    timer.start()
    shown = clients.kubectl("rollout", "status", "deployment/web", "--timeout=20s")
    assert shown.splitlines()[-1] == 'deployment "web" successfully rolled out'


def test_rollout_undo_and_history_go_by_replica_sets(clients: Clients) -> None:
    """The template of the revision before comes back."""
    created = json.loads(deployment())
    created["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "2"}
    clients.kubectl("create", "-f", "-", given=json.dumps(created))
    owner = clients.get("deployments.apps", "web")
    for revision, image in (("1", "app:0"), ("2", "app:1")):
        template = json.loads(deployment(image=image))["spec"]["template"]
        template["metadata"]["labels"]["pod-template-hash"] = f"h{revision}"
        metadata = {
            "name": f"web-h{revision}",
            "namespace": clients.namespace,
            "labels": template["metadata"]["labels"],
            "annotations": {"deployment.kubernetes.io/revision": revision},
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": owner["metadata"]["uid"]}
                | {"controller": True}
            ],
        }
        spec = {"selector": {"matchLabels": template["metadata"]["labels"]}, "template": template}
        clients.store.create(clients.store.resources.named("replicasets.apps"), {"metadata": metadata, "spec": spec})
    history = clients.kubectl("rollout", "history", "deployment/web")
    clients.kubectl("rollout", "undo", "deployment/web")
    template = clients.get("deployments.apps", "web")["spec"]["template"]
    assert [line.split()[0] for line in history.splitlines()[2:]] == ["1", "2"]
    assert template["spec"]["containers"][0]["image"] == "app:0"
    assert template["metadata"]["labels"] == created["spec"]["template"]["metadata"]["labels"]


def test_restart_pause_and_resume_change_the_deployment(clients: Clients) -> None:
    """Restart writes an annotation into the template, pause and resume a field."""
    clients.kubectl("apply", "-f", "-", given=deployment())
    clients.kubectl("rollout", "restart", "deployment/web")
    clients.kubectl("rollout", "pause", "deployment/web")
    paused = clients.get("deployments.apps", "web")["spec"]
    clients.kubectl("rollout", "resume", "deployment/web")
    assert list(paused["template"]["metadata"]["annotations"]) == ["kubectl.kubernetes.io/restartedAt"]
    assert (paused["paused"], clients.get("deployments.apps", "web")["spec"].get("paused")) == (True, None)


def test_wait_sees_a_condition_and_a_deletion(clients: Clients) -> None:
    """kubectl waits for what a controller writes, and for what is gone."""
    clients.kubectl("create", "job", "once", "--image=app:1")
    done = {"conditions": [{"type": "Complete", "status": "True"}]}
    threading.Timer(0.4, lambda: clients.set_status("jobs.batch", "once", **done)).start()
    met = clients.kubectl("wait", "--for=condition=Complete", "job/once", "--timeout=20s")
    jobs = clients.store.resources.named("jobs.batch")
    threading.Timer(0.4, lambda: clients.store.delete(jobs, clients.namespace, "once")).start()
    clients.kubectl("wait", "--for=delete", "job/once", "--timeout=20s")
    assert met == "job.batch/once condition met"
    assert clients.kubectl("get", "jobs", "-o", "name") == ""


def test_watch_of_kubectl_get_shows_each_change(clients: Clients) -> None:
    """Rows come as the objects change."""
    clients.kubectl("create", "configmap", "one")
    configs = clients.store.resources.named("configmaps")
    # A list: of one object kubectl drops what the watch tells first, and with it a change that came before the watch.
    only = ("--field-selector", "metadata.name=one")
    with clients.started("get", "configmaps", *only, "--watch", "--no-headers") as process:
        assert process.stdout is not None
        before = process.stdout.readline().split()
        clients.store.change(configs, clients.namespace, "one", lambda it: it.update(data={"a": "1"}))
        after = process.stdout.readline().split()
    assert (before[:2], after[:2]) == (["one", "0"], ["one", "1"])


def test_drain_waits_for_the_budget(clients: Clients) -> None:
    """A pod that its budget keeps stays, and goes when the budget allows it."""
    nodes, pods = clients.store.resources.named("nodes"), clients.store.resources.named("pods")
    clients.store.create(nodes, {"metadata": {"name": "node-a"}})
    running_pod(clients, "web-1", {"app": "web"})
    clients.kubectl("create", "pdb", "web", "--selector=app=web", "--min-available=1")
    clients.set_status("poddisruptionbudgets.policy", "web", disruptionsAllowed=0, currentHealthy=1, desiredHealthy=1)

    def allow() -> None:
        clients.set_status(
            "poddisruptionbudgets.policy", "web", disruptionsAllowed=1, currentHealthy=2, desiredHealthy=1
        )
        while not clients.get("pods", "web-1")["metadata"].get("deletionTimestamp"):
            time.sleep(0.05)
        clients.store.delete(pods, clients.namespace, "web-1", grace=0)

    threading.Timer(1, allow).start()
    shown = clients.kubectl("drain", "node-a", "--timeout=30s", "--pod-selector=app=web")
    clients.kubectl("uncordon", "node-a")
    clients.store.delete(nodes, None, "node-a")
    assert "node/node-a drained" in shown
    assert "NotFound" in clients.refused("get", "pod", "web-1")


def test_logs_come_from_who_runs_the_pod(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """The container's lines are shown, and a container that never ran has none."""
    running_pod(clients, "web-1")
    refusal = clients.refused("logs", "web-1")
    started = {"name": "web", "state": {"running": {}}, "ready": True}
    clients.set_status("pods", "web-1", phase="Running", containerStatuses=[started])
    lines = lambda pod, container, _: iter([f"{pod['metadata']['name']} {container}"])  # noqa: E731
    monkeypatch.setattr(clients.server.application, "logs", lines)
    assert clients.kubectl("logs", "web-1") == "web-1 web"
    assert 'container "web" in pod "web-1" is waiting to start: ContainerCreating' in refusal


def test_exec_runs_a_command_where_the_pod_runs(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its input and output pass through, and its exit code is kubectl's."""
    running_pod(clients, "web-1")
    monkeypatch.setattr(clients.server.application, "execute", _on_this_machine)
    shown = clients.kubectl("exec", "-i", "web-1", "--", "sh", "-c", "read line; echo got $line", given="a line\n")
    with pytest.raises(Refused) as caught:
        clients.kubectl("exec", "web-1", "--", "sh", "-c", "echo why >&2; exit 3")
    assert shown == "got a line"
    assert caught.value.returncode == 3
    assert caught.value.stderr.splitlines() == ["why", "command terminated with exit code 3"]


def _on_this_machine(_: Object, __: str, command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_port_forward_reaches_the_pod(clients: Clients) -> None:
    """What is asked at the local port is answered by the pod, more than once."""
    running_pod(clients, "web-1")
    with Answering() as port:
        clients.set_status("pods", "web-1", phase="Running", podIP="127.0.0.1")
        with clients.started("port-forward", "pod/web-1", f":{port}") as process:
            assert process.stdout is not None
            local = process.stdout.readline().split()[2].rpartition(":")[2]
            answers = [urllib.request.urlopen(f"http://127.0.0.1:{local}/", timeout=10).read() for _ in range(3)]
    assert answers == [b"here"] * 3


class Answering:
    """A web server that says it is here."""

    def __enter__(self) -> int:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Here)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return int(self._server.server_address[1])

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Here(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"here")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_access_is_what_the_roles_of_an_account_allow(clients: Clients) -> None:
    """The administrator may do anything, an account what its role says."""
    clients.kubectl("create", "serviceaccount", "robot")
    clients.kubectl("create", "role", "reader", "--verb=get,list", "--resource=pods")
    account = f"--serviceaccount={clients.namespace}:robot"
    clients.kubectl("create", "rolebinding", "robot", "--role=reader", account)
    token = clients.kubectl("create", "token", "robot")
    as_robot = ("--token", token)
    assert clients.kubectl("auth", "can-i", "delete", "pods") == "yes"
    assert clients.kubectl(*as_robot, "auth", "can-i", "list", "pods") == "yes"
    assert f'User "system:serviceaccount:{clients.namespace}:robot" cannot delete resource "pods"' in clients.refused(
        *as_robot, "delete", "pod", "any"
    )


def test_helm_installs_upgrades_rolls_back_and_uninstalls(clients: Clients) -> None:
    """The chart's release goes through its life, hooks included."""
    name = clients.namespace
    stop = threading.Event()
    threading.Thread(target=_controllers, args=(clients, stop), daemon=True).start()
    values = ("--namespace", name, "--values", str(CHART / "values-prod.yaml"), "--wait", "--timeout=30s")
    try:
        clients.helm("upgrade", "--install", "app", str(CHART), *values, "--set", "image.tag=v1.0.0")
        clients.helm("upgrade", "--install", "app", str(CHART), *values, "--set", "image.tag=v1.0.1")
        upgraded = clients.get("deployments.apps", "app")["spec"]["template"]["spec"]["containers"][0]["image"]
        clients.helm("rollback", "app", "1", "--namespace", name, "--wait", "--timeout=30s")
        back = clients.get("deployments.apps", "app")["spec"]["template"]["spec"]["containers"][0]["image"]
        clients.helm("uninstall", "app", "--namespace", name)
    finally:
        stop.set()
    left = clients.kubectl("get", "deployment,service,ingress,pdb,networkpolicy", "-o", "name")
    assert [each.rpartition(":")[2] for each in (upgraded, back)] == ["v1.0.1", "v1.0.0"]
    assert left == ""


def _controllers(clients: Clients, stop: threading.Event) -> None:
    """Say that every Deployment is rolled out, and every Job complete."""
    store = clients.store
    while not stop.wait(0.1):
        for each in store.list(store.resources.named("deployments.apps"), clients.namespace)[0]:
            count = each["spec"]["replicas"]
            counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), count)
            conditions = [
                {"type": "Available", "status": "True"},
                {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
            ]
            clients.set_status("deployments.apps", each["metadata"]["name"], **counts, conditions=conditions)
        for each in store.list(store.resources.named("jobs.batch"), clients.namespace)[0]:
            done = [{"type": "Complete", "status": "True"}]
            clients.set_status("jobs.batch", each["metadata"]["name"], succeeded=1, conditions=done)
