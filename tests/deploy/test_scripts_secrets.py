"""The scripts that seal and decrypt, against recording stand-ins of kubeseal and sops."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.deploy.sandbox import PLAIN, PRODUCTION, Sandbox
from tests.kube import kubectl

FILLED = f"DB_PASSWORD={PLAIN}\nREDIS_URL=redis://:{PLAIN}@redis:6379/0\nAPI_KEY={PLAIN}\n"

FAILURES = {
    "env/seal.sh": "--format yaml",
    "env/seal-registry.sh": "--format yaml",
    "env/apply-sops.sh": "apply -f",
    "deploy/apply.sh": "rollout status",
    "deploy/restart.sh": "rollout status",
    "deploy/rollback.sh": "rollout status",
}
"""Every script that handles a secret or an app that has one, with the call of it that may fail."""


def seal(sandbox: Sandbox, content: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Seals a filled template, written where a person would have put it."""
    file = sandbox.work / "app-secrets.secret.env"
    file.write_text(content)
    return sandbox.run(
        "env/seal.sh", *arguments, ENVIRONMENT="production", SECRET_FILE=str(file), KUBESEAL_CERT="cert.pem"
    )


@pytest.mark.rule("SEC002")
@pytest.mark.parametrize("how", ["run", "previewed", "failing"])
@pytest.mark.parametrize("script", FAILURES)
def test_no_script_prints_or_keeps_a_plain_value(script: str, how: str, sandbox: Sandbox) -> None:
    """Run, only previewed or failing: what is decrypted goes from program to program, to no log and no file."""
    given = {
        sandbox.work / "filled.secret.env": FILLED,
        sandbox.work / "config.json": f'{{"auths": {{"ghcr.io": {{"auth": "dXNlcjp0", "x": "{PLAIN}"}}}}}}',
    }
    given[sandbox.root / "_shared/secrets/sops/production/app.enc.yaml"] = "sops: {}\n"
    for file, content in given.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    variables = {"SECRET_FILE": "filled.secret.env", "DOCKER_CONFIG_FILE": "config.json", "KUBESEAL_CERT": "cert.pem"}
    variables |= {"TO": "v1.4.1", "CURRENT": "2"}
    variables["FAIL"] = FAILURES[script] if how == "failing" else ""
    done = sandbox.run(script, *(["--dry-run"] if how == "previewed" else []), **PRODUCTION, **variables)
    assert (done.returncode == 0) == (how != "failing"), done.stderr
    assert PLAIN not in done.stdout + done.stderr
    kept = [f for where in (sandbox.root, sandbox.work) for f in where.rglob("*") if f.is_file() and f not in given]
    assert [str(f) for f in kept if PLAIN in f.read_text()] == []


@pytest.mark.rule("SEC006")
def test_sealing_leaves_only_the_sealed_file(sandbox: Sandbox) -> None:
    """kubectl makes the Secret without a cluster, a pipe feeds kubeseal, and no plain value is printed or kept."""
    done = seal(sandbox, FILLED)
    assert done.returncode == 0, done.stderr
    create, sealing = sorted(sandbox.calls, key=lambda call: call.startswith("kubeseal"))
    assert create.startswith("kubectl create secret generic app-secrets --namespace prj-01-prod --from-env-file")
    assert create.endswith("--dry-run=client -o yaml")
    assert re.fullmatch(r"kubeseal --format yaml --cert tmp\.\w+", sealing)
    target = sandbox.root / "_shared/secrets/sealed/production/app-secrets.yaml"
    assert target.read_text() == "kind: SealedSecret\nspec: {}\n"
    assert (sandbox.work / "app-secrets.secret.env").exists()


@pytest.mark.parametrize("missing", ["DB_PASSWORD", "REDIS_URL", "API_KEY"])
def test_sealing_refuses_an_empty_value(missing: str, sandbox: Sandbox) -> None:
    """The template says which keys there are; an empty one is named and nothing is sealed."""
    lines = [f"{missing}=" if line.startswith(missing) else line for line in FILLED.splitlines()]
    done = seal(sandbox, "\n".join(lines) + "\n")
    assert (done.returncode, sandbox.calls) == (1, [])
    assert missing in done.stderr
    assert PLAIN not in done.stderr


def test_sealing_that_fails_keeps_the_old_file(sandbox: Sandbox) -> None:
    """A kubeseal that fails, or a dry run, leaves the committed file as it was."""
    target = sandbox.root / "_shared/secrets/sealed/production/app-secrets.yaml"
    before = target.read_text()
    sandbox.environment["FAIL"] = "--format yaml"
    assert seal(sandbox, FILLED).returncode != 0
    del sandbox.environment["FAIL"]
    assert seal(sandbox, FILLED, "--dry-run").returncode == 0
    assert target.read_text() == before


def test_one_key_is_merged_into_what_is_sealed(sandbox: Sandbox) -> None:
    """Only its value has to be known; the sealed file is merged into, and a key that the form lacks is refused."""
    file = sandbox.work / "one.secret.env"
    file.write_text(f"API_KEY={PLAIN}\n")
    variables = {"ENVIRONMENT": "production", "SECRET_FILE": str(file), "KUBE_CONTEXT": "prod-cluster"}
    done = sandbox.run("env/seal.sh", KEY="API_KEY", **variables)
    assert done.returncode == 0, done.stderr
    target = sandbox.root / "_shared/secrets/sealed/production/app-secrets.yaml"
    assert target.read_text().startswith("merged: true\n")
    assert "kubeseal --context prod-cluster --fetch-cert" in sandbox.calls
    assert sandbox.run("env/seal.sh", KEY="NO_KEY", **variables).returncode == 1


def test_an_expired_certificate_seals_nothing(sandbox: Sandbox) -> None:
    """What is sealed for a key that is gone could not be opened."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sealed-secret")])
    long_ago = datetime(2025, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, long_ago, long_ago + timedelta(days=30))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (sandbox.work / "cert.pem").write_bytes(pem)
    done = seal(sandbox, FILLED)
    assert (done.returncode, "expired" in done.stderr) == (1, True)
    assert not any("--format yaml" in call for call in sandbox.calls)


def test_kubectl_makes_the_secret_that_kubeseal_is_given(sandbox: Sandbox) -> None:
    """The real kubectl, no stand-in, reads the filled template as it is: comments no value, every key one."""
    template = (sandbox.root / "_shared/secrets/templates/app-secrets.env").read_text()
    file = sandbox.work / "filled.secret.env"
    file.write_text("".join(f"{x}value\n" if x.endswith("=") else f"{x}\n" for x in template.splitlines()))
    command = [str(kubectl()), "create", "secret", "generic", "app-secrets", "--from-env-file", str(file)]
    done = subprocess.run([*command, "--dry-run=client", "-o", "yaml"], capture_output=True, text=True, check=True)
    assert set(yaml.safe_load(done.stdout)["data"]) == {"DB_PASSWORD", "REDIS_URL", "API_KEY"}


def test_sealing_the_registry_login_needs_one_for_ghcr(sandbox: Sandbox) -> None:
    """A docker configuration without ghcr.io is refused; one with it becomes ghcr-secret."""
    file = sandbox.work / "config.json"
    variables = {"ENVIRONMENT": "staging", "DOCKER_CONFIG_FILE": str(file), "KUBESEAL_CERT": "cert.pem"}
    file.write_text('{"auths": {}}')
    assert sandbox.run("env/seal-registry.sh", **variables).returncode == 1
    for empty in ('{"auths": {"ghcr.io": {}}}', '{"auths": {"ghcr.io": {"auth": ""}, "other": {"auth": "dXNlcjp4"}}}'):
        file.write_text(empty)
        assert sandbox.run("env/seal-registry.sh", **variables).returncode == 1
    file.write_text('{"auths": {\n  "ghcr.io": {\n "auth": "dXNlcjp0b2tlbg=="}}}')
    assert sandbox.run("env/seal-registry.sh", **variables).returncode == 0
    target = sandbox.root / "_shared/secrets/sealed/staging/ghcr-secret.yaml"
    assert target.read_text().startswith("kind: SealedSecret")
    assert any("--type kubernetes.io/dockerconfigjson" in call for call in sandbox.calls)


@pytest.mark.rule("SEC002", "SEC005")
def test_sops_decrypts_into_a_pipe_only(sandbox: Sandbox) -> None:
    """Each *.enc.yaml of the environment is decrypted straight into kubectl; a plain file beside it is not touched."""
    directory = sandbox.root / "_shared/secrets/sops/production"
    directory.mkdir(parents=True)
    (directory / "app.enc.yaml").write_text("sops: {}\n")
    (directory / "app.yaml").write_text("kind: Secret\n")
    done = sandbox.run("env/apply-sops.sh", **PRODUCTION)
    assert (done.returncode, done.stdout) == (0, "")
    assert sorted(sandbox.calls) == [
        "kubectl --context prod-cluster -n prj-01-prod apply -f -",
        "sops decrypt app.enc.yaml",
    ]
    assert {f.name for f in directory.iterdir()} == {"app.enc.yaml", "app.yaml"}


def test_sops_that_cannot_decrypt_is_an_error(sandbox: Sandbox) -> None:
    """A failing sops at the head of the pipe fails the script."""
    directory = sandbox.root / "_shared/secrets/sops/production"
    directory.mkdir(parents=True)
    (directory / "app.enc.yaml").write_text("sops: {}\n")
    assert sandbox.run("env/apply-sops.sh", FAIL="decrypt", **PRODUCTION).returncode != 0
