"""The real kubectl and helm work against the stand-in API server as against a cluster."""

from __future__ import annotations

import json
import threading

from tests.cluster.conftest import Clients
from tests.cluster.examples import deployment
from tests.kube import DEPLOY

CHART = DEPLOY / "helm" / "apps" / "app"


def test_version_has_the_form_of_k3s(clients: Clients) -> None:
    """Client and server tell the same minor version."""
    told = json.loads(clients.kubectl("version", "-o", "json"))
    assert told["serverVersion"]["gitVersion"] == "v1.37.0+k3s1"
    assert told["serverVersion"]["minor"] == told["clientVersion"]["minor"]


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
