"""Secrets: sealed or not in Git at all, judged by Git's own ignore rules and a secret scanner."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings
from dotenv import dotenv_values
from tests.deploy.rendering import CHART, RENDERINGS, documents, rendering
from tests.kube import DEPLOY, Manifest

SECRETS = DEPLOY / "_shared" / "secrets"
ENVIRONMENTS = {"production": "prj-01-prod", "staging": "prj-01-staging"}
VALUES_OF_A_SECRET = ("data", "stringData")
DEPTHS = ("", "k8s/overlays/production/", "_shared/secrets/sealed/staging/", "helm/apps/app/")
SECRET_FILES = [
    f"{depth}{name}"
    for depth in DEPTHS
    for name in (
        "app-secrets.secret.env",
        "app-secrets.secret.yaml",
        "app-secrets.dec.yaml",
        ".env",
        ".env.production",
        "kubeconfig",
        "kubeconfig.production",
        "production.kubeconfig",
        ".kube/config",
        "keys.txt",
        "age.key",
        "production.agekey",
        "cert.pem",
    )
] + ["_shared/secrets/app-secrets.yaml", "_shared/secrets/sops/production/app-secrets.yaml"]
LEFTOVERS = [
    "build/production.yaml",
    "rendered/production.yaml",
    "production.rendered.yaml",
    "k8s/overlays/production/all.rendered.yaml",
    "app-1.0.0.tgz",
    "helm/apps/app/charts/redis-1.0.0.tgz",
    "helm/apps/app/charts/redis/Chart.yaml",
    "_shared/monitoring/kube-prometheus-stack-79.1.0.tgz",
    "deploy.log",
    "_shared/scripts/deploy/apply.log",
    "tmp/production.yaml",
    ".DS_Store",
]
IGNORED = SECRET_FILES + LEFTOVERS
EXCLUDE_LINES = "detect_secrets.filters.regex.should_exclude_line"
# Lines that name a Secret, a key of one or a file, and the placeholders.
HARMLESS = r"(secretName|existingSecret|passwordKey): |SECRET_FILE=|PLACEHOLDER-"
IN_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]*:(?P<value>[^\s/@]+)@")
ASSIGNED = re.compile(
    r"(?i)\b\w*(?:password|passwd|passphrase|api_?key|access_?key|private_?key|token)[\"']?"
    r" *(?:=|: ) *[\"']?(?P<value>[^\s\"'`,}|]+)"
)
BY_OPTION = re.compile(r"(?:\s-u|--user)[ =][\w.-]+:(?P<value>[^\s\"'`]+)")
# What is none: a variable, a placeholder, three dots, a switch.
REFERENCE = re.compile(r"\$|<|(?:true|false)$|\{\{|PLACEHOLDER-|\.\.\.")
KEPT = [
    "_shared/secrets/sealed/production/app-secrets.yaml",
    "_shared/secrets/sealed/staging/new-secret.yaml",
    "_shared/secrets/sops/production/app-secrets.enc.yaml",
    "_shared/secrets/templates/app-secrets.env",
    "_shared/scripts/build/render.sh",
    "k8s/base/configmaps/app-config.env",
    ".sops.yaml",
]


@pytest.fixture
def repository(deploy: Path) -> Path:
    """The Deploy repo as a Git repository of its own, so that no outer ignore file speaks."""
    subprocess.run(["git", "init", "--quiet", deploy], check=True)
    return deploy


def ignored(repository: Path, paths: list[str]) -> list[str]:
    """The paths that Git would keep out."""
    command = ["git", "-C", str(repository), "check-ignore", "--no-index", "--stdin"]
    done = subprocess.run(command, input="\n".join(paths), capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


@pytest.mark.rule("SEC004")
def test_git_keeps_plain_secrets_and_keys_out(repository: Path) -> None:
    """git check-ignore names each file as ignored, at the root and at every depth, beside sealed files too."""
    assert set(SECRET_FILES) - set(ignored(repository, SECRET_FILES)) == set()


@pytest.mark.rule("MAN020")
def test_git_keeps_out_what_is_made_from_what_is_committed(repository: Path) -> None:
    """Rendered manifests, chart archives, logs and temporary files are ignored wherever they are made."""
    assert set(LEFTOVERS) - set(ignored(repository, LEFTOVERS)) == set()


@pytest.mark.rule("SEC004")
def test_git_lets_sealed_and_encrypted_files_in(repository: Path) -> None:
    """git check-ignore names none of them as ignored."""
    assert set(KEPT) & set(ignored(repository, KEPT)) == set()


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
    assert set(IGNORED) - set(ignored(repository, IGNORED)) != set()


def objects(kind: str) -> list[tuple[Path, Manifest]]:
    """Every object of a kind in a file of the repo or, with the chart's directory, in what a chart renders."""
    found = [(f, m) for f, m in documents() if isinstance(m, dict)]
    found += [(CHART, m) for carrier in RENDERINGS if carrier.startswith("helm") for m in rendering(carrier)]
    assert len(found) > 50
    return [(f, m) for f, m in found if m.get("kind") == kind]


@pytest.mark.rule("SEC001")
def test_no_plain_secret_object_is_in_the_repo() -> None:
    """No object of kind Secret has a value, sealed ones apart, which are of another kind."""
    values = [(str(f), {**m.get("data", {}), **m.get("stringData", {})}) for f, m in objects("Secret")]
    assert [(file, found) for file, found in values if any(found.values())] == []


@pytest.mark.rule("SEC003")
def test_sealed_secrets_and_forms_have_a_directory_each() -> None:
    """Every SealedSecret is a file of sealed/, every Secret without values one of templates/."""
    sealed = {f.parent.parent for f, _ in objects("SealedSecret")}
    assert sealed == {SECRETS / "sealed"}
    assert {f.parent for f, _ in objects("Secret")} <= {SECRETS / "templates"}


@pytest.mark.rule("SEC003")
def test_a_form_holds_no_value() -> None:
    """Each file of templates/ names keys, and gives none of them a value, whatever its format."""
    forms = sorted(f for f in (SECRETS / "templates").rglob("*") if f.is_file())
    assert forms
    for form in forms:
        if form.suffix == ".env":
            given = dotenv_values(form)
        else:
            document = yaml.safe_load(form.read_text())
            given = {**document.get("data", {}), **document.get("stringData", {})}
        assert given
        assert {key: value for key, value in given.items() if value} == {}, form.name


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_sealed_secret_belongs_to_one_name_and_namespace(environment: str) -> None:
    """Name and namespace are part of the seal: outside and inside they are the same."""
    for file in sorted((DEPLOY / "_shared/secrets/sealed" / environment).glob("*-secret*.yaml")):
        sealed = yaml.safe_load(file.read_text())
        inner = sealed["spec"]["template"]["metadata"]
        assert inner == {"name": sealed["metadata"]["name"], "namespace": sealed["metadata"]["namespace"]}
        assert inner["namespace"] == ENVIRONMENTS[environment]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_sealed_file_has_the_keys_of_the_template(environment: str) -> None:
    """No key of the form is missing in what was sealed, and none is sealed that the form does not name."""
    keys = set(dotenv_values(SECRETS / "templates" / "app-secrets.env"))
    sealed = yaml.safe_load((SECRETS / "sealed" / environment / "app-secrets.yaml").read_text())
    assert keys == set(sealed["spec"]["encryptedData"])


@pytest.mark.rule("SEC001", "SEC007")
def test_a_scanner_finds_no_secret_in_any_file() -> None:
    """detect-secrets sees nothing that looks like a password, a key or a token."""
    assert scan(DEPLOY) == []


@pytest.mark.rule("SEC001", "SEC007")
def test_no_address_and_no_assignment_holds_a_password() -> None:
    """In values, charts, comments, documents and commands: no password in a URL, none given to a name for one."""
    assert [(str(f.relative_to(DEPLOY)), found) for f in files() for found in passwords(f.read_text())] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("REDIS_URL: redis://:hunter2@redis:6379/0", ["hunter2"]),
        ("`postgresql://app:hunter2@db/trading`", ["hunter2"]),
        ("PGPASSWORD=hunter2 pg_restore", ["hunter2"]),
        ('# dbPassword: "hunter2"', ["hunter2"]),
        ("curl -u admin:hunter2 https://x", ["hunter2"]),
        ("redis://:<password>@host:6379/0", []),
        ("DB_PASSWORD=", []),
        ("TOKEN: ${{ secrets.TOKEN }}", []),
        ('"$GITHUB_TOKEN"', []),
        ("existingSecret: grafana-admin", []),
    ],
)
def test_a_password_is_told_from_a_reference(text: str, found: list[str]) -> None:
    """A value is one; a variable, a placeholder and the name of a Secret are not."""
    assert passwords(text) == found


def files() -> list[Path]:
    """Every file of the repo."""
    return sorted(f for f in DEPLOY.rglob("*") if f.is_file())


def passwords(text: str) -> list[str]:
    """The values in a text that stand where a password does."""
    given = [match["value"] for pattern in (IN_ADDRESS, ASSIGNED, BY_OPTION) for match in pattern.finditer(text)]
    return [value for value in given if not REFERENCE.match(value)]


def test_the_scanner_would_find_a_password(deploy: Path) -> None:
    """A password written into an overlay is found, so that the empty answer above means something."""
    file = deploy / "k8s/overlays/production/patches/config.env"
    file.write_text(file.read_text() + 'DB_PASSWORD="hunter2-hunter2"\n')
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
        assert [key for key in VALUES_OF_A_SECRET if not re.search(matching[0]["encrypted_regex"], key)] == []
        assert not re.search(matching[0]["encrypted_regex"], "metadata")
    assert "AGE-SECRET-KEY" not in (DEPLOY / ".sops.yaml").read_text()
