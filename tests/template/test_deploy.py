"""The Deploy repo that the template makes keeps every rule, renders, and is the reference but for its trade."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from pathspec import PathSpec
from tests.deploy.sandbox import make
from tests.kube import DEPLOY, ROOT, Manifest, kustomize, of_kind, only
from tests.tools import require_tool

from apparch.cli import main
from apparch.pages.proved.judges.objects import faults
from apparch.template import SOURCE, home
from apparch.template.new import copied
from apparch.template.ownership import read_ownership
from apparch.template.repository import built
from apparch.template.versions import read_versions

REFERENCE = {
    "name": "app",
    "project": "prj-01",
    "image": "org/app",
    "host": "app.example.com",
    "database": True,
    "cache": True,
    "language": "en",
}
"""The answers that the reference Deploy repo would be made with."""

OFFERED = {
    f"{'with' if database else 'no'} database, {'with' if cache else 'no'} cache": {
        "name": "market-feed",
        "image": "acme/market-feed",
        "host": "feed.acme.example",
        "database": database,
        "cache": cache,
        "language": "ko" if database else "en",
    }
    for database, cache in product((True, False), repeat=2)
}
"""Every combination of what is asked, in an organisation and under names that are not the reference's."""

ENDS = ["with database, with cache", "no database, no cache"]
"""What `./dev bench new` does with every combination is done here with the largest and the smallest."""

OVERLAYS = ["k8s/overlays/production", "k8s/overlays/staging"]
WHATEVER = [
    *(f"k8s/examples/{layer}" for layer in ("autoscaling", "singleton", "storage")),
    "k8s/cluster",
    "_shared/monitoring",
]
"""What is rendered beside the overlays, alike whatever the app uses."""

STARTERS = "a starter that the repo fills in and owns from then on"
TRADING = "QTS trades: orders, an exchange and its key"
CHART = "the reference shows Helm's way as well; a new repo has one"
DIFFERENT = {
    "README.md": f"{TRADING}; {CHART}",
    "_shared/monitoring/dashboards/app.json": TRADING,
    "_shared/monitoring/rules/app-alerts.test.yaml": TRADING,
    "_shared/monitoring/rules/app-alerts.yaml": TRADING,
    "_shared/secrets/sealed/production/app-secrets.yaml": TRADING,
    "_shared/secrets/sealed/staging/app-secrets.yaml": TRADING,
    "_shared/secrets/templates/app-secrets.env": TRADING,
    "docs/runbooks/backup-restore.md": TRADING,
    "docs/runbooks/cluster-care.md": TRADING,
    "docs/runbooks/connection-down.md": TRADING,
    "docs/runbooks/first-day.md": TRADING,
    "k8s/base/networkpolicies/app-netpol.yaml": TRADING,
    "k8s/base/secrets/README.md": TRADING,
    "k8s/overlays/production/kustomization.yaml": STARTERS,
    "k8s/overlays/production/patches/config.env": STARTERS,
    "k8s/overlays/staging/kustomization.yaml": STARTERS,
    "k8s/overlays/staging/patches/config.env": STARTERS,
}
"""The files of the reference that the template renders otherwise, each with the reason."""

Render = Callable[..., Path]


@pytest.fixture(scope="module")
def render(tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Makes a repository of answers, a Deploy repo unless they say otherwise, once for each set; not to be changed."""
    made: dict[str, Path] = {}

    def of(**answers: Any) -> Path:
        key = repr(sorted(answers.items()))
        if key not in made:
            made[key] = tmp_path_factory.mktemp("made") / "repository"
            data = {"kind": "deploy", **answers}
            copier.run_copy(str(ROOT / "template"), made[key], data=data, defaults=True, quiet=True)
        return made[key]

    return of


@pytest.mark.parametrize("which", ENDS)
def test_a_new_deploy_repo_keeps_every_rule(which: str, render: Render) -> None:
    """apparch check has no finding in it, whatever was answered."""
    code, said = called("check", str(render(**OFFERED[which])))
    assert (code, "No rule is broken." in said) == (0, True), said


@pytest.mark.parametrize("which", ENDS)
def test_it_keeps_the_contract_with_an_app_of_the_same_answers(which: str, render: Render) -> None:
    """Every variable that the app requires is supplied, and nothing else of the two differs, in both environments."""
    asked = {key: value for key, value in OFFERED[which].items() if key in ("name", "database", "cache")}
    app = render(kind="app", **asked)
    code, said = called("contract", "--app", str(app), "--deploy", str(render(**OFFERED[which])))
    assert (code, re.sub(r"\d+", "N", said)) == (0, "The contract holds: N comparisons in production, staging.\n")


@pytest.mark.parametrize("which", ["with database, no cache", "no database, with cache"])
def test_all_that_it_can_deploy_renders_and_is_valid(which: str, render: Render) -> None:
    """Both environments, and once every layer, the monitoring and what the cluster shares; no object has a fault."""
    root = render(**OFFERED[which])
    found = {each: rendered(root / each) for each in OVERLAYS + WHATEVER * (which == "with database, no cache")}
    files = [*(root / "k8s/namespaces").glob("*.yaml"), *(root / "argocd").rglob("*.yaml")]
    found |= {str(file.relative_to(root)): [yaml.safe_load(file.read_text())] for file in files}
    assert len(files) == 6
    assert {name: [fault for each in objects for fault in faults(each)] for name, objects in found.items()} == {
        name: [] for name in found
    }


def test_names_and_hosts_are_those_that_were_answered(render: Render) -> None:
    """Nothing of the reference's names, Namespaces, organisation and hosts is left in any file."""
    root = render(**OFFERED["with database, with cache"])
    files = files_of(root)
    left = ("prj-01", "org/app", "app.example.com", "app-config", "app-secrets", "trading", "{% ")
    assert {(each.name, word) for each in files for word in left if word in each.read_text()} == {
        ("kustomization.yaml", "app-config"),  # the name of a file
    }
    objects = rendered(root / "k8s/overlays/staging")
    assert {each["metadata"]["namespace"] for each in objects} == {"market-feed-staging"}
    assert only(objects, "Ingress")["spec"]["rules"][0]["host"] == "feed.staging.acme.example"
    assert only(objects, "Deployment")["metadata"]["name"] == "market-feed"


@pytest.mark.parametrize(
    ("which", "ports", "keys"),
    [
        ("with database, with cache", {53, 443, 5432, 6379}, {"DB_PASSWORD", "REDIS_URL"}),
        ("with database, no cache", {53, 443, 5432}, {"DB_PASSWORD"}),
        ("no database, with cache", {53, 443, 6379}, {"REDIS_URL"}),
        ("no database, no cache", {53, 443}, set()),
    ],
)
def test_what_the_app_does_not_use_is_neither_let_out_nor_sealed(
    which: str, ports: set[int], keys: set[str], render: Render
) -> None:
    """Ports of the NetworkPolicy, keys of the Secret and the migration's Job follow the answers."""
    objects = rendered(render(**OFFERED[which]) / "k8s/overlays/production")
    policies = {each["metadata"]["name"]: each for each in of_kind(objects, "NetworkPolicy")}
    assert let_out(policies["market-feed-netpol"]) == ports
    sealed = {key for each in of_kind(objects, "SealedSecret") for key in each["spec"]["encryptedData"]}
    assert sealed == keys | {".dockerconfigjson"}
    jobs = [each["metadata"]["name"] for each in of_kind(objects, "Job")]
    assert jobs == (["market-feed-migrate"] if 5432 in ports else [])


@pytest.mark.parametrize("which", ENDS)
def test_its_script_deploys_it(which: str, render: Render, tmp_path: Path) -> None:
    """apply.sh runs to its end: with a database the migration comes between, without one there is none."""
    done = make(render(**OFFERED[which]), tmp_path)
    ended = done.run("deploy/apply.sh", ENVIRONMENT="staging", KUBE_CONTEXT="staging")
    assert ended.returncode == 0, ended.stderr
    applied = [call.rpartition(" ")[2] for call in done.calls if " apply -f " in call]
    migration = ["migration.yaml"] if "with database" in which else []
    assert applied == ["market-feed-staging.yaml", "settings.yaml", *migration, "app.yaml"]


def test_its_alerts_pass_their_own_tests(render: Render, tmp_path: Path) -> None:
    """The script that the workflow runs finds the rules sound and every case as expected."""
    require_tool("promtool")
    done = make(render(**OFFERED["no database, no cache"]), tmp_path).run("monitoring/test-rules.sh")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_reference_is_what_the_template_makes_but_for_its_trade(render: Render) -> None:
    """Every file that the template makes of the reference's answers is the reference's, byte for byte, or listed."""
    root = render(**REFERENCE)
    made = {str(each.relative_to(root)) for each in files_of(root)} - {".copier-answers.yml"}
    assert {each for each in made if (DEPLOY / each).read_bytes() != (root / each).read_bytes()} == set(DIFFERENT)
    own = {str(each.relative_to(DEPLOY)) for each in files_of(DEPLOY)} - made - {".copier-answers.yml"}
    assert {each.partition("/")[0] if each.startswith("helm/") else each for each in own} == {
        "argocd/examples/app-production-helm.yaml",
        "helm",
    }


def test_the_reference_records_what_it_was_made_from() -> None:
    """The newest version, and the answers that are asked of it; `apparch update` and `apparch fleet` read them."""
    told = yaml.safe_load((DEPLOY / ".copier-answers.yml").read_text("utf-8"))
    assert told == {"_commit": read_versions().newest.tag, "_src_path": SOURCE, "kind": "deploy", **REFERENCE}


def test_every_file_has_one_owner(render: Render) -> None:
    """The template or the repo, as owned.toml says, and it names no file that is never made."""
    owned = read_ownership("deploy")
    named = {part.format(name="app", project="prj-01") for part in owned.template | owned.app}
    assert owned.template & owned.app == frozenset()
    assert named == {str(each.relative_to(root)) for root in [render(**REFERENCE)] for each in files_of(root)}
    assert owned.both == {}


def test_an_update_passes_over_what_is_the_repos_own() -> None:
    """What is left out of an update, and only written where it is not there, is what owned.toml gives to the repo."""
    told = yaml.safe_load((ROOT / "template/copier.yml").read_text("utf-8"))
    (left_out,) = [each for each in told["_exclude"] if 'kind == "deploy" and _copier_operation' in each]
    patterns = [line.replace("{{ name }}", "{name}") for line in left_out.splitlines() if line.startswith("/")]
    once = {each.replace("{{ name }}", "{name}") for each in told["_skip_if_exists"]}
    owned = read_ownership("deploy")
    assert set(PathSpec.from_lines("gitignore", patterns).match_files(owned.template | owned.app)) == owned.app
    assert set(patterns) <= once


def test_an_update_leaves_what_runs_as_it_is(tmp_path: Path) -> None:
    """From the version before: the runbook is the newer one; tag, sealed value and egress are the repo's own.

    It was never asked for its language: its docs stay English, and that is recorded.
    """
    root, own = tmp_path / "deploy", {
        "k8s/overlays/production/kustomization.yaml": ("newTag: .*", "newTag: v9.5.0"),
        "_shared/secrets/sealed/production/ghcr-secret.yaml": ("PLACEHOLDER.*", "AgBsealed"),
        "k8s/base/networkpolicies/app-netpol.yaml": ("443", "8443"),
    }  # fmt: skip
    copied(root, {"kind": "deploy", "name": "feed"}, built(home(), tmp_path), SOURCE, "v3.0.0", defaults=True)
    for file, (old, new) in own.items():
        (root / file).write_text(re.sub(old, new, (root / file).read_text()))
    kept = {file: (root / file).read_text() for file in own}
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=o", "-c", "user.email=o@o", "commit", "-qm", "start"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True)
    assert "Watch it" not in (root / "docs/runbooks/growth.md").read_text()
    english = (root / "docs/runbooks/remove.md").read_text()
    code, said = called("update", str(root))
    assert (code, "Watch it" in (root / "docs/runbooks/growth.md").read_text()) == (0, True), said
    assert {file: (root / file).read_text() for file in own} == kept
    assert (root / "docs/runbooks/remove.md").read_text() == english
    assert "language: en\n" in (root / ".copier-answers.yml").read_text()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"name": "Market_Feed"}, "lower-case letters, digits and single dashes"),
        ({"image": "ghcr.io/acme/feed:v1"}, "OWNER/NAME in lower case"),
        ({"project": "-prod"}, "lower-case letters, digits and single dashes"),
        ({"host": "https://feed.acme.example"}, "a DNS name in lower case"),
    ],
)
def test_an_answer_that_no_manifest_can_hold_is_refused(answer: dict[str, str], said: str, tmp_path: Path) -> None:
    """With what is allowed, before a file is written."""
    data = {"kind": "deploy", **OFFERED["no database, no cache"], **answer}
    with pytest.raises(ValueError, match=said):
        copier.run_copy(str(ROOT / "template"), tmp_path / "made", data=data, defaults=True, quiet=True)
    assert not (tmp_path / "made/k8s").exists()


@cache
def rendered(directory: Path) -> list[Manifest]:
    """What kustomize makes of a directory, not to be changed."""
    return kustomize(directory)


def files_of(root: Path) -> list[Path]:
    """Every file of a repository."""
    return [each for each in root.rglob("*") if each.is_file()]


def let_out(policy: Manifest) -> set[int]:
    """The ports that a NetworkPolicy lets out."""
    return {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}


def called(*arguments: str) -> tuple[int, str]:
    """The exit code of apparch, and what it prints."""
    with redirect_stdout(StringIO()) as said:
        code = main([*arguments])
    return code, said.getvalue()
