"""Secrets: sealed or not in Git at all, judged by Git's own ignore rules and a secret scanner."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings
from tests.kube import DEPLOY

ENVIRONMENTS = {"production": "prj-01-prod", "staging": "prj-01-staging"}
IGNORED = [
    "app-secrets.secret.env",
    "app-secrets.secret.yaml",
    "_shared/secrets/templates/app-secrets.secret.env",
    "_shared/secrets/sealed/production/app-secrets.secret.yaml",
    "_shared/secrets/app-secrets.yaml",
    "_shared/secrets/sops/production/app-secrets.yaml",
    "_shared/secrets/sops/production/app-secrets.dec.yaml",
    ".env",
    "k8s/overlays/production/.env.production",
    "kubeconfig",
    "kubeconfig.production",
    "production.kubeconfig",
    ".kube/config",
    "keys.txt",
    "production.agekey",
    "cert.pem",
    "build/production.yaml",
    "app-1.0.0.tgz",
    "helm/apps/app/charts/redis-1.0.0.tgz",
]
EXCLUDE_LINES = "detect_secrets.filters.regex.should_exclude_line"
# Lines that name a Secret, a key of one or a file, and the placeholders.
HARMLESS = r"(secretName|existingSecret|passwordKey): |SECRET_FILE=|PLACEHOLDER-"
KEPT = [
    "_shared/secrets/sealed/production/app-secrets.yaml",
    "_shared/secrets/sealed/staging/new-secret.yaml",
    "_shared/secrets/sops/production/app-secrets.enc.yaml",
    "_shared/secrets/templates/app-secrets.env",
    "_shared/scripts/build/render.sh",
    "k8s/base/configmaps/app-config.yaml",
    ".sops.yaml",
]


@pytest.fixture
def repository(deploy: Path) -> Path:
    """The Deploy repo as a Git repository of its own, so that no outer ignore file speaks."""
    subprocess.run(["git", "init", "--quiet", deploy], check=True)
    return deploy


def ignored(repository: Path, path: str) -> bool:
    """Whether Git would keep a path out."""
    command = ["git", "-C", str(repository), "check-ignore", "--quiet", "--no-index", path]
    return subprocess.run(command, check=False).returncode == 0


@pytest.mark.rule("SEC004", "MAN020")
@pytest.mark.parametrize("path", IGNORED)
def test_git_keeps_plain_secrets_and_keys_out(path: str, repository: Path) -> None:
    """git check-ignore names the file as ignored."""
    assert ignored(repository, path)


@pytest.mark.rule("SEC004")
@pytest.mark.parametrize("path", KEPT)
def test_git_lets_sealed_and_encrypted_files_in(path: str, repository: Path) -> None:
    """git check-ignore names the file as not ignored."""
    assert not ignored(repository, path)


def test_git_ignores_no_file_of_the_repo(repository: Path) -> None:
    """Everything that belongs to the repo can be added to it."""
    command = ["git", "-C", str(repository), "ls-files", "--others", "--ignored", "--exclude-standard"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""


@pytest.mark.parametrize("line", ["*.secret.yaml", "_shared/secrets/**/*.yaml", "kubeconfig", "*.agekey", ".env*"])
def test_each_ignore_rule_is_needed(line: str, repository: Path) -> None:
    """Without the rule, some secret of the list above would enter Git."""
    file = repository / ".gitignore"
    lines = file.read_text().splitlines()
    lines.remove(line)
    file.write_text("\n".join(lines) + "\n")
    assert not all(ignored(repository, path) for path in IGNORED)


@pytest.mark.rule("SEC001")
def test_no_plain_secret_object_is_in_the_repo() -> None:
    """Not one document of kind Secret, not even with an example value."""
    documents = [
        (f, m)
        for f in DEPLOY.rglob("*.yaml")
        if "templates" not in f.parts
        for m in yaml.safe_load_all(f.read_text())
        if isinstance(m, dict)
    ]
    assert documents
    assert [str(f) for f, m in documents if m.get("kind") == "Secret"] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_sealed_secret_belongs_to_one_name_and_namespace(environment: str) -> None:
    """Name and namespace are part of the seal: outside and inside they are the same."""
    for file in sorted((DEPLOY / "_shared/secrets/sealed" / environment).glob("*-secret*.yaml")):
        sealed = yaml.safe_load(file.read_text())
        inner = sealed["spec"]["template"]["metadata"]
        assert inner == {"name": sealed["metadata"]["name"], "namespace": sealed["metadata"]["namespace"]}
        assert inner["namespace"] == ENVIRONMENTS[environment]


@pytest.mark.rule("SEC003")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_template_lists_the_sealed_keys_and_holds_no_value(environment: str) -> None:
    """Every key of the template is empty, and the sealed file has exactly those keys."""
    lines = (DEPLOY / "_shared/secrets/templates/app-secrets.env").read_text().splitlines()
    keys = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Z_]+=", key) for key in keys)
    sealed = yaml.safe_load((DEPLOY / f"_shared/secrets/sealed/{environment}/app-secrets.yaml").read_text())
    assert {key.removesuffix("=") for key in keys} == set(sealed["spec"]["encryptedData"])


@pytest.mark.rule("SEC001", "SEC007")
def test_a_scanner_finds_no_secret_in_any_file() -> None:
    """detect-secrets sees nothing that looks like a password, a key or a token."""
    assert scan(DEPLOY) == []


def test_the_scanner_would_find_a_password(deploy: Path) -> None:
    """A password written into an overlay is found, so that the empty answer above means something."""
    file = deploy / "k8s/overlays/production/patches/config.yaml"
    file.write_text(file.read_text() + '  DB_PASSWORD: "hunter2-hunter2"\n')
    assert scan(deploy) == [str(file)]


def scan(root: Path) -> list[str]:
    """The files in which detect-secrets sees a secret."""
    found = SecretsCollection()
    with default_settings() as settings:
        settings.filters[EXCLUDE_LINES] = {"pattern": [HARMLESS]}
        for file in sorted(f for f in root.rglob("*") if f.is_file()):
            found.scan_file(str(file))
    return sorted(found.files)


@pytest.mark.rule("SEC005")
def test_sops_encrypts_secret_values_of_each_environment_with_its_own_key() -> None:
    """Each rule matches its environment's encrypted files and no other, and names a public key only."""
    rules = yaml.safe_load((DEPLOY / ".sops.yaml").read_text())["creation_rules"]
    assert len(rules) == 2
    for environment in ENVIRONMENTS:
        path = f"_shared/secrets/sops/{environment}/app-secrets.enc.yaml"
        matching = [rule for rule in rules if re.search(rule["path_regex"], path)]
        assert [rule["age"] for rule in matching] == [f"PLACEHOLDER-public-age-key-of-{environment}"]
        assert not re.search(matching[0]["path_regex"], path.replace(".enc.yaml", ".yaml"))
    assert "AGE-SECRET-KEY" not in (DEPLOY / ".sops.yaml").read_text()
