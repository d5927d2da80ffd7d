"""Secrets: one value sealed anew, the registry's login, keys that are renewed or expire, a Secret that is lost."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import yaml
from tests.cluster import sealing
from tests.cluster.objects import uid
from tests.operations import tls
from tests.operations.stage import PRODUCTION, Stage
from tests.operations.versions import GOOD, NEXT, REPOSITORY

RENEWAL_DAYS = 31
HOST = "app.example.com"
_SEAL = (
    "ENVIRONMENT=production KUBE_CONTEXT=production KEY=API_KEY SECRET_FILE=new.secret.env _shared/scripts/env/seal.sh"
)
_APPLY = "ENVIRONMENT=production KUBE_CONTEXT=production _shared/scripts/deploy/apply.sh"
_RESTART = "ENVIRONMENT=production KUBE_CONTEXT=production _shared/scripts/deploy/restart.sh"


def seal_one_key(stage: Stage) -> None:
    """One value is sealed anew and the others are not touched; the pods have it after a restart."""
    stage.running()
    before = _sealed(stage)
    with stage.clients():
        _rotate(stage, "rotated")
        stage.runs(GOOD)
    changed = {key for key, value in _sealed(stage).items() if value != before[key]}
    stage.demand(changed == {"API_KEY"}, f"{sorted(changed)} were sealed anew")
    stage.demand(stage.variable("API_KEY") == {"rotated"}, f"the pods have {stage.variable('API_KEY')}")


def renewed_sealing_key(stage: Stage) -> None:
    """After the controller has renewed its key: what was sealed before still opens, and the newest key seals."""
    stage.running()
    stage.cluster.clock.skip(RENEWAL_DAYS * 86400)
    stage.until(lambda: len(_keys(stage)) > 1, "a second key")
    with stage.clients():
        _rotate(stage, "after-the-renewal")
        stage.runs(GOOD)
    stage.demand(stage.variable("API_KEY") == {"after-the-renewal"}, f"the pods have {stage.variable('API_KEY')}")
    stage.demand(stage.variable("DB_PASSWORD") == {stage.backing.secrets["DB_PASSWORD"]}, "an older value is lost")


def expired_sealing_key(stage: Stage) -> None:
    """A certificate that somebody kept too long is refused; nothing is sealed with it."""
    stage.running()
    before = _sealed(stage)
    old = sealing.new_key(datetime.now(UTC) - timedelta(days=40), timedelta(days=10))[1]
    (stage.console.repository / "old.pem").write_bytes(old)
    _write(stage, "API_KEY=rotated\n")
    stage.refused(_SEAL.replace("KUBE_CONTEXT=production", "KUBESEAL_CERT=old.pem"), "expired")
    stage.demand(_sealed(stage) == before, "the sealed file has changed")


def registry_secret(stage: Stage) -> None:
    """The registry's token was replaced: pulls fail until the new one is sealed and applied."""
    stage.running()
    login = base64.b64encode(b"robot:second-token").decode()
    before, stage.cluster.registry.login = stage.cluster.registry.login, login
    try:
        with stage.clients():
            stage.release(NEXT)
            stage.refused(_APPLY, "ImagePullBackOff|401")
            entry = json.dumps({"auths": {"ghcr.io": {"auth": login}}})
            (stage.console.repository / "docker.secret.json").write_text(entry, "utf-8")
            stage.sh(
                "ENVIRONMENT=production KUBE_CONTEXT=production DOCKER_CONFIG_FILE=docker.secret.json"
                " _shared/scripts/env/seal-registry.sh"
            )
            (stage.console.repository / "docker.secret.json").unlink()
            stage.console.commit("new registry token")
            stage.apply()
            stage.runs(NEXT)
    finally:
        stage.cluster.registry.login = before
    stage.demand(stage.cluster.registry.pull(f"{REPOSITORY}:{NEXT}", [before]), "no image")


def lost_secret(stage: Stage) -> None:
    """The Secret alone comes back at once; without its SealedSecret no pod starts, until a deploy brings both back."""
    stage.running()
    with stage.clients():
        before = _secret(stage)
        stage.console.look(f"kubectl --context production -n {PRODUCTION} delete secret app-secrets")
        stage.until(lambda: _secret(stage) not in ("", before), "the Secret, made again by the controller")
        stage.console.look(f"kubectl --context production -n {PRODUCTION} delete sealedsecret app-secrets")
        stage.until(lambda: not stage.cluster.control.get("secrets", PRODUCTION, "app-secrets"), "the Secret's end")
        stage.cluster.control.delete("pods", stage.cluster.pods(PRODUCTION, app="app")[0])
        stage.until(lambda: "CreateContainerConfigError" in stage.told(), "a pod without its Secret")
        described = stage.sh(f"kubectl --context production -n {PRODUCTION} describe pod -l app=app --show-events")
        stage.demand('secret "app-secrets" not found' in described.out, f"the cause is not seen:\n{described}")
        listed = stage.sh(f"kubectl --context production -n {PRODUCTION} get sealedsecret,secret")
        stage.demand("app-secrets" not in listed.out, f"it is there:\n{listed}")
        stage.apply()
        stage.runs(GOOD)


def _rotate(stage: Stage, value: str) -> None:
    _write(stage, f"API_KEY={value}\n")
    stage.sh(_SEAL)
    (stage.console.repository / "new.secret.env").unlink()
    stage.console.commit("rotate the exchange's key")
    stage.apply()
    stage.sh(_RESTART)


def _write(stage: Stage, text: str) -> None:
    (stage.console.repository / "new.secret.env").write_text(text, "utf-8")


def _sealed(stage: Stage) -> dict[str, str]:
    file = stage.console.repository / "_shared/secrets/sealed/production/app-secrets.yaml"
    found: dict[str, str] = yaml.safe_load(file.read_text("utf-8"))["spec"]["encryptedData"]
    return found


def _secret(stage: Stage) -> str:
    found = stage.cluster.control.get("secrets", PRODUCTION, "app-secrets")
    return uid(found) if found else ""


def _keys(stage: Stage) -> list[object]:
    return list(stage.cluster.control.all("secrets", "kube-system", {sealing.KEY_LABEL: "active"}))


def certificate_missing(stage: Stage) -> None:
    """The host's certificate is missing: clients refuse the default one, until the host's own is sealed and applied."""
    stage.running()
    where = stage.console.repository
    key, certificate = tls.self_signed(HOST)
    for name, text in (("tls.key", key), ("tls.crt", certificate)):
        (where / name).write_bytes(text)
    stage.until(lambda: not tls.trusts(stage.cluster.network.ingress, HOST, certificate), "the default certificate")
    made = "kubectl create secret tls app-tls --cert=tls.crt --key=tls.key --dry-run=client -o yaml"
    target = "_shared/secrets/sealed/production"
    stage.console.steps.append(made)
    sealing_it = f"kubeseal --context production --namespace {PRODUCTION} --format yaml > {target}/app-tls.yaml"
    done = stage.console.look(f"{made} | {sealing_it}")
    stage.demand(done.ok, str(done))
    for name in ("tls.key", "tls.crt"):
        (where / name).unlink()
    stage.console.edit(f"{target}/kustomization.yaml", "^resources:\n", "resources:\n  - app-tls.yaml\n")
    stage.console.commit("the certificate of the host")
    stage.apply()
    stage.until(lambda: tls.trusts(stage.cluster.network.ingress, HOST, certificate), "a request over the new one")
