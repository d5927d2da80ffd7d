"""The references: what a rendered object points to by name, key or port is in the same rendering."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.contract.model import Judgement, deploy
from apparch.contract.pair import Environment, Pair
from apparch.contract.pointing import pointing
from apparch.contract.selections import judge_monitors, judge_selectors
from apparch.deploy.overlay import Overlay
from apparch.deploy.pods import SERVING, containers, pod, selects
from apparch.deploy.side import DeploySide
from apparch.deploy.supply import made_secret, secret_keys
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.nearest import closest

CLUSTER_WIDE = "sealedsecrets.bitnami.com/cluster-wide"
NAMESPACE_WIDE = "sealedsecrets.bitnami.com/namespace-wide"


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge every object of the rendering that refers to another, and the monitors of its namespace."""
    yield from pair.each(_judge)


def _judge(here: Environment) -> Iterator[Judgement]:
    overlay, other = here.overlay, here.deploy
    if overlay.workload is None:
        return
    yield from judge_selectors(overlay)
    yield from _judge_scaled(overlay)
    yield from _judge_backends(overlay)
    yield from _judge_certificates(overlay)
    yield from _judge_account(overlay)
    yield from _judge_pull_secrets(overlay)
    yield from _judge_volumes(overlay, other)
    yield from _judge_policies(overlay)
    yield from _judge_sealed(overlay)
    yield from judge_monitors(overlay, other)


def _judge_scaled(overlay: Overlay) -> Iterator[Judgement]:
    assert overlay.workload is not None
    for node in overlay.rendering.of_kind("HorizontalPodAutoscaler"):
        reference = node.at("spec", "scaleTargetRef")
        target, wanted = reference.at("name"), reference.at("kind").text or ""
        if wanted not in (*SERVING, "ReplicaSet"):
            continue
        found = overlay.named(wanted, target.text or "") is not None
        here = overlay.workload.at("metadata", "name")
        yield pointing(f"HorizontalPodAutoscaler {name(node)} target", target, here, str(target), found)


def _judge_backends(overlay: Overlay) -> Iterator[Judgement]:
    assert overlay.workload is not None
    services = {name(node): node for node in overlay.rendering.of_kind("Service")}
    for node in overlay.rendering.of_kind("Ingress"):
        for below in node.at("spec").walk():
            backend = below.at("service") if isinstance(below.value, dict) else None
            if backend is None or not backend.at("name").present:
                continue
            wanted, port = backend.at("name"), backend.at("port")
            known = next(iter(services.values())).at("metadata", "name") if services else overlay.workload
            found = services.get(wanted.text or "")
            yield pointing(f"Ingress {name(node)} backend", wanted, known, str(wanted), found is not None)
            # That the app's own Service has no port of this name is another rule's business.
            unnamed = found is overlay.service and port.at("name").text == "http"
            if found is not None and port.present and not unnamed:
                yield from _judge_backend_port(node, port, found)


def _judge_backend_port(ingress: Node, port: Node, service: Node) -> Iterator[Judgement]:
    ports = service.at("spec", "ports")
    said = port.at("name") if port.at("name").present else port.at("number")
    key = "name" if port.at("name").present else "port"
    if service.at("spec", "type").text == "ExternalName" or not said.present:
        return
    found = any(each.at(key).value == said.value for each in ports.elements())
    yield pointing(f"Ingress {name(ingress)} backend port", said, ports, str(said), found)


def _judge_certificates(overlay: Overlay) -> Iterator[Judgement]:
    """What an Ingress says of TLS: its hosts are served, and a certificate that is nearly there is misnamed."""
    made = {made_secret(each): each for each in overlay.rendering.of_kind("Secret", "SealedSecret", "ExternalSecret")}
    made |= {str(each.at("spec", "secretName")): each for each in overlay.rendering.of_kind("Certificate")}
    for node in overlay.rendering.of_kind("Ingress"):
        rules = node.at("spec", "rules")
        served = {each.at("host").text for each in rules.elements()}
        for entry in node.at("spec", "tls").elements():
            for host in entry.at("hosts").elements():
                yield pointing(f"Ingress {name(node)} tls host", host, rules, str(host), _covers(host, served))
            wanted = entry.at("secretName")
            near = closest(wanted.text or "", made, 0.8)
            if near and not _issued(node):
                target = made[near].at("metadata", "name")
                yield pointing(f"Ingress {name(node)} tls secretName", wanted, target, str(wanted), wanted.text in made)


def _covers(host: Node, served: set[str | None]) -> bool:
    """Whether a rule without a host, the host itself or one below its wildcard is served."""
    wildcard = (host.text or "").removeprefix("*")
    below = wildcard != host.text and any(each and each.partition(".")[2] == wildcard[1:] for each in served)
    return host.text in served or below or None in served


def _issued(ingress: Node) -> bool:
    """Whether a controller makes the Secret from the Ingress itself."""
    annotations = ingress.at("metadata", "annotations")
    return any(annotations.at(f"cert-manager.io/{key}").present for key in ("issuer", "cluster-issuer"))


def _judge_account(overlay: Overlay) -> Iterator[Judgement]:
    assert overlay.workload is not None
    accounts = overlay.rendering.of_kind("ServiceAccount")
    for workload in dict.fromkeys([overlay.workload, *(each.workload for each in overlay.running)]):
        account = pod(workload).at("serviceAccountName")
        if account.present and account.text != "default":
            known = accounts[0].at("metadata", "name") if accounts else workload.at("metadata", "name")
            found = account.text in [name(each) for each in accounts]
            yield pointing("serviceAccountName", account, known, str(account), found)


def _judge_pull_secrets(overlay: Overlay) -> Iterator[Judgement]:
    """A pull secret is often made by hand, so that only one that is nearly there is misnamed."""
    made = {made_secret(each): each for each in overlay.rendering.of_kind("Secret", "SealedSecret", "ExternalSecret")}
    pods = [pod(each.workload) for each in overlay.running]
    accounts = {each.at("serviceAccountName").text for each in pods}
    holders = [*pods, *(each for each in overlay.rendering.of_kind("ServiceAccount") if name(each) in accounts)]
    for holder in holders:
        for entry in holder.at("imagePullSecrets").elements():
            wanted = entry.at("name")
            near = closest(wanted.text or "", made, 0.8)
            if near:
                target = made[near].at("metadata", "name")
                yield pointing("imagePullSecrets", wanted, target, str(wanted), wanted.text in made)


def _judge_volumes(overlay: Overlay, other: DeploySide) -> Iterator[Judgement]:
    """The volumes of the app's pods: what fills them is here, and what mounts them names one."""
    workloads = dict.fromkeys(each.workload for each in overlay.running)
    for workload in workloads:
        volumes = pod(workload).at("volumes")
        listed = {each.at("name").text for each in volumes.elements()}
        listed |= {name(each) for each in workload.at("spec", "volumeClaimTemplates").elements()}
        for volume in volumes.elements():
            yield from _judge_volume(overlay, other, volume)
            for source in volume.at("projected", "sources").elements():
                yield from _judge_volume(overlay, other, source)
        for container in (*pod(workload).at("initContainers").elements(), *containers(workload)):
            for mount in container.at("volumeMounts").elements():
                wanted = mount.at("name")
                if wanted.text not in listed:
                    subject = f"{kind(workload)} {name(workload)} volumeMounts"
                    yield pointing(subject, wanted, volumes, str(wanted), found=False)


def _judge_volume(overlay: Overlay, other: DeploySide, volume: Node) -> Iterator[Judgement]:
    config, claim = volume.at("configMap"), volume.at("persistentVolumeClaim", "claimName")
    secret = volume.at("secret")
    wanted = secret.at("secretName") if secret.at("secretName").present else secret.at("name")
    if config.at("name").text and config.at("optional").value is not True:
        found = overlay.named("ConfigMap", str(config.at("name").text))
        yield _missing("ConfigMap", config.at("name"), found is not None, overlay)
        if found is not None:
            keys = {*dict(found.at("data").items()), *dict(found.at("binaryData").items())}
            yield from _judge_items("ConfigMap", config, found, keys)
    if claim.text:
        yield _missing("PersistentVolumeClaim", claim, overlay.named("PersistentVolumeClaim", claim.text) is not None,
                       overlay)  # fmt: skip
    if wanted.text and secret.at("optional").value is not True:
        known = secret_keys(other.repository, overlay, wanted.text)
        yield _missing("Secret", wanted, known is not None, overlay)


def _judge_items(what: str, source: Node, found: Node, keys: set[str]) -> Iterator[Judgement]:
    for item in source.at("items").elements():
        key = item.at("key")
        if key.text and key.text not in keys:
            target = found.at("data") if found.at("data").present else found
            yield pointing(f"{what} {name(found)} key", key, target, str(key), found=False)


def _missing(what: str, reference: Node, found: bool, overlay: Overlay) -> Judgement:
    """One object that a volume needs: where it is missing, the nearest name is shown."""
    assert overlay.workload is not None
    kinds = ("Secret", "SealedSecret", "ExternalSecret") if what == "Secret" else (what,)
    there = {made_secret(each) if what == "Secret" else name(each): each for each in overlay.rendering.of_kind(*kinds)}
    near = closest(reference.text or "", there, 0.6)
    target = there[near].at("metadata", "name") if near else overlay.workload.at("metadata", "name")
    hint = f"; the nearest is {near}" if near else ""
    wrong = f"a volume is filled from the {what} {reference}, and nothing in this rendering makes one{hint}: add it, or"
    return Judgement(
        "MAN013",
        f"volume of {what} {reference}",
        (deploy(reference), deploy(target)),
        "" if found else f"{wrong} correct the name",
    )


def _judge_policies(overlay: Overlay) -> Iterator[Judgement]:
    """The ports that NetworkPolicies open for the app's pods: names are there, and one of them is the app's."""
    if overlay.container is None or overlay.workload is None:
        return
    ports = [each for container in containers(overlay.workload) for each in container.at("ports").elements()]
    own = overlay.container.at("ports")
    names = {each.at("name").text for each in ports} | {"http"}
    served = [each for each in own.elements() if each.at("name").text == "http"] or own.elements()[:1]
    numbers: list[Node] = []
    reached = not served
    for node in overlay.rendering.of_kind("NetworkPolicy"):
        if not selects(node.at("spec", "podSelector"), overlay.pod_labels) and node.at("spec", "podSelector").value:
            continue
        for rule in node.at("spec", "ingress").elements():
            reached = reached or not rule.at("ports").elements()
            for entry in rule.at("ports").elements():
                port = entry.at("port")
                reached = reached or not port.present or _opens(entry, served)
                if port.text is not None:
                    yield pointing(f"NetworkPolicy {name(node)} port", port, own, port.text, port.text in names)
                elif port.present:
                    numbers.append(port)
    if numbers and not reached:
        target = served[0].at("containerPort")
        wrong = f"the NetworkPolicy opens port {numbers[0]}, and the container listens on {target}: open port http"
        yield Judgement("MAN013", "NetworkPolicy port", (deploy(numbers[0]), deploy(target)), wrong)


def _opens(entry: Node, served: list[Node]) -> bool:
    port, end = entry.at("port"), entry.at("endPort").number
    for each in served:
        number = each.at("containerPort").number
        if port.text is not None and port.text == (each.at("name").text or "http"):
            return True
        if port.number is not None and number is not None and port.number <= number <= (end or port.number):
            return True
    return False


def _judge_sealed(overlay: Overlay) -> Iterator[Judgement]:
    """A SealedSecret is sealed for a name and a namespace: elsewhere the controller cannot open it."""
    for node in overlay.rendering.of_kind("SealedSecret"):
        annotations = node.at("metadata", "annotations")
        if annotations.at(CLUSTER_WIDE).text == "true":
            continue
        kept = ("namespace",) if annotations.at(NAMESPACE_WIDE).text == "true" else ("namespace", "name")
        for key in kept:
            now = node.at("metadata", key)
            sealed = now.earlier
            if sealed is not None and sealed.text and sealed.text != now.text:
                wrong = (
                    f"the SealedSecret {name(node)} was sealed for the {key} {sealed}, and is applied as {now}, where "
                    "its controller cannot open it: seal it again"
                )
                sides = (deploy(sealed), deploy(overlay.file if now.place == sealed.place else now.place, now))
                yield Judgement("MAN013", f"SealedSecret {name(node)} {key}", sides, wrong)
