"""What a team edits for a second app, environment or cluster, as growth.md says; nothing of it is applied."""

from __future__ import annotations

import re
import shutil
from pathlib import Path


def second_app(root: Path) -> None:
    """Names of the app observer in its copies below k8s/apps/observer, and what lies beside them: Namespaces, sealed
    secrets, monitoring, Applications."""
    home, sealed = root / "k8s/apps/observer", root / "_shared/secrets/sealed"
    for stage in ("production", "staging"):
        shutil.copytree(sealed / stage, sealed / "observer" / stage)
        namespace = f"prj-02-{'prod' if stage == 'production' else stage}"
        definition = root / f"k8s/namespaces/prj-01-{namespace.removeprefix('prj-02-')}.yaml"
        (definition.parent / f"{namespace}.yaml").write_text(definition.read_text().replace("prj-01", "prj-02"))
    for file in [f for folder in (home, sealed / "observer") for f in folder.rglob("*.*") if f.is_file()]:
        text = re.sub(
            r"\bapp(?=$|-(?:config|secrets|sa|migrate|netpol|pdb|tls)\b)", "observer", file.read_text(), flags=re.M
        )
        text = re.sub(r"\bapp(?=[.](?:staging[.])?example[.]com)", "observer", text)
        text = text.replace("org/app", "org/observer").replace("prj-01", "prj-02").replace("observer.yaml", "app.yaml")
        text = re.sub(r"(configmaps|serviceaccounts|networkpolicies|poddisruptionbudgets)/observer-", r"\1/app-", text)
        text = text.replace("../../../_shared/migrations", "../../migrations")
        text = text.replace("../../../_shared/secrets/sealed/", "../../../../../_shared/secrets/sealed/observer/")
        file.write_text(text)
    for stage in ("production", "staging"):
        (sealed / "observer" / stage / "app-secrets.yaml").rename(sealed / "observer" / stage / "observer-secrets.yaml")
    templates = root / "_shared/secrets/templates"
    shutil.copy(templates / "app-secrets.env", templates / "observer-secrets.env")
    _watched(root / "_shared/monitoring")
    for stage in ("production", "staging"):
        applications = root / "argocd/applications"
        text = (applications / f"app-{stage}.yaml").read_text().replace("prj-01", "prj-02")
        text = text.replace(f"app-{stage}", f"observer-{stage}").replace("k8s/", "k8s/apps/observer/")
        (applications / f"observer-{stage}.yaml").write_text(text)


def _watched(monitoring: Path) -> None:
    """The second app's own monitor, alert rules and dashboard, and their entries in the list."""
    for file, copy in (
        ("servicemonitor.yaml", "observer-servicemonitor.yaml"),
        ("rules/app-alerts.yaml", "rules/observer-alerts.yaml"),
        ("dashboards/app.json", "dashboards/observer.json"),
    ):
        text = (
            (monitoring / file)
            .read_text()
            .replace("prj-01", "prj-02")
            .replace("Deployment app ", "Deployment observer ")
        )
        text = re.sub(r'(="|=\\"|"uid": "|^    ")app(?=\\?")', r"\1observer", text, flags=re.M)
        text = re.sub(r"(: )app(?=$|-(?:monitor|alerts)$)", r"\1observer", text, flags=re.M)
        (monitoring / copy).write_text(text)
    listed = monitoring / "kustomization.yaml"
    text = listed.read_text()
    for entry in ("  - servicemonitor.yaml\n", "  - rules/app-alerts.yaml\n"):
        text = text.replace(
            entry, entry + entry.replace("servicemonitor", "observer-servicemonitor").replace("app-", "observer-")
        )
    board = text[text.index("  - name: app-dashboard") :]
    listed.write_text(text + board.replace("app-dashboard", "observer-dashboard").replace("app.json", "observer.json"))


def second_environment(root: Path, called: str) -> None:
    """A copy of staging under another name: overlay, Namespace, sealed secrets."""
    for place in ("k8s/overlays", "_shared/secrets/sealed"):
        shutil.copytree(root / place / "staging", root / place / called)
    shutil.copy(root / "k8s/namespaces/prj-01-staging.yaml", root / f"k8s/namespaces/prj-01-{called}.yaml")
    renamed = [root / f"k8s/namespaces/prj-01-{called}.yaml"]
    renamed += [f for place in ("k8s/overlays", "_shared/secrets/sealed") for f in (root / place / called).rglob("*.*")]
    for file in renamed:
        if file.is_file():
            text = file.read_text().replace("prj-01-staging", f"prj-01-{called}")
            text = text.replace("sealed/staging", f"sealed/{called}").replace("app.staging.", f"app.{called}.")
            file.write_text(text)


def second_cluster(root: Path, called: str) -> None:
    """Production of another cluster, one directory deeper, with sealed secrets of its own."""
    for place in ("k8s/overlays", "_shared/secrets/sealed"):
        shutil.copytree(root / place / "production", root / place / called / "production")
    file = root / f"k8s/overlays/{called}/production/kustomization.yaml"
    text = file.read_text().replace("../../base", "../../../base").replace("../../../_shared", "../../../../_shared")
    file.write_text(text.replace("sealed/production", f"sealed/{called}/production"))
