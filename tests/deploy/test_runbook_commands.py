"""Every command of every runbook can be typed: the real tool knows its form, and what it names is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from tests.deploy.rendering import NAMESPACES, RENDERINGS, rendering
from tests.deploy.sessions import Typed, Unreadable, commands, session
from tests.kube import DEPLOY, ROOT, kubectl, kustomize
from tests.operations import tls

TEXTS = {file.name: file for file in [DEPLOY / "README.md", *sorted((DEPLOY / "docs/runbooks").glob("*.md"))]}
CONTEXTS = ("production", "staging")
# What a person fills in.
OPEN = re.compile(r"[A-Z]+")
# Files that the steps around a command make or ask for.
SEALED_HERE = "_shared/secrets/sealed/monitoring/grafana-admin.yaml"
MADE = ("grafana-admin.secret.env", "alertmanager-chat.secret.env", "tls.crt", "tls.key", SEALED_HERE)
OTHERS = {
    "monitoring": ("service/kube-prometheus-stack-grafana", "service/kube-prometheus-stack-prometheus"),
    "kube-system": ("deployment/sealed-secrets-controller",),
}
"""What the charts bring, by Namespace."""
SEALED = ("secret/app-secrets", "secret/ghcr-secret", "secret/app-tls", "secret/grafana-admin")
"""What the controller makes of sealed files, some of which are made on the first day."""
ON_A_HOST = {
    "k3s": r"crictl rmi --prune|etcd-snapshot (?:ls|delete NAME)",
    "systemctl": r"daemon-reload|(?:start|stop|enable --now) (?:k3s|deploy-backup\.(?:service|timer))",
}
"""Programs of a k3s host with the commands that their makers document; no such host is here."""
HELP = {
    "openssl": ("x509", "-help"),
    "git": ("revert", "-h"),
    **dict.fromkeys(("df", "du", "cp", "mkdir"), ("--help",)),
}
"""Programs whose own help tells their options."""
PROGRAMS = ("kubectl", "kubeseal", "sudo", *ON_A_HOST, *HELP)
CLONE = "/opt/deploy/"


@cache
def typed(name: str, directory: Path) -> list[Typed]:
    """What a text starts when all its commands are typed."""
    shutil.rmtree(directory / name, ignore_errors=True)
    return session(TEXTS[name].read_text("utf-8"), PROGRAMS, directory / name)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with the files that an operator has at hand."""
    directory = tmp_path_factory.mktemp("runbooks")
    shutil.copytree(DEPLOY, directory / "repository")
    key, certificate = tls.self_signed("app.example.com")
    sealed = b"apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: grafana-admin}\n"
    contents = {"tls.key": key, "tls.crt": certificate, SEALED_HERE: sealed}
    for name in MADE:
        file = directory / "repository" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(contents.get(name, b"key=value\n"))
    clusters = "".join(f"- name: {each}\n  context: {{cluster: nowhere, user: none}}\n" for each in CONTEXTS)
    (directory / "kubeconfig").write_text(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: nowhere\n  cluster: {server: 'http://127.0.0.1:1'}\n"
        f"users:\n- name: none\ncontexts:\n{clusters}current-context: {CONTEXTS[0]}\n"
    )
    return directory


@pytest.mark.parametrize("name", TEXTS)
def test_its_commands_can_be_typed(name: str, place: Path) -> None:
    """Bash reads all of them in order, and each tool knows its command, options and files."""
    started = typed(name, place)
    assert len(started) >= len([each for each in commands(TEXTS[name].read_text("utf-8")) if "export " not in each])
    assert [f"{each}: {wrong}" for each in started if (wrong := wrong_with(each, place))] == []


@pytest.mark.parametrize("name", TEXTS)
def test_its_commands_say_where_and_name_what_is_there(name: str, place: Path) -> None:
    """kubectl is told the context; Namespace, objects and labels are ones that the repository or a chart brings."""
    calls = [each.words for each in typed(name, place) if each.program == "kubectl"]
    assert [f"{' '.join(words)}: {wrong}" for words in calls if (wrong := nowhere(words))] == []


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "README.md"])
def test_a_runbook_types_something_and_tells_its_end(name: str) -> None:
    """It has commands, says how one knows that it worked, and how one goes back."""
    text = TEXTS[name].read_text("utf-8")
    assert commands(text)
    assert [end for end in ("**It worked when**", "**To go back**") if end not in text] == []


def wrong_with(call: Typed, place: Path) -> str | None:
    """What the tool itself has against a call; None where it would carry it out."""
    match call.program:
        case "kubectl":
            return _refused_by_kubectl(call.words, place)
        case "sudo":
            return wrong_with(Typed(call.words[0], call.words[1:], call.given), place)
        case "kubeseal":
            stand_in = (sys.executable, "-m", "tests.cluster.tools.kubeseal", "--help")
            return _without_help(call.words, _output(*stand_in))
        case program if program in ON_A_HOST:
            line = " ".join(call.words)
            return None if re.fullmatch(ON_A_HOST[program], line) else f"{program} {line} is not known here"
        case program if program in HELP:
            missing = _without_help(call.words, _output(program, *HELP[program]))
            return missing or (_without_source(call.words) if program == "cp" else None)
        case script:
            return _refused_by_script(script, call)


def _refused_by_kubectl(words: tuple[str, ...], place: Path) -> str | None:
    done = subprocess.run(
        [kubectl(), *words],
        cwd=place / "repository",
        env={"PATH": os.defpath, "HOME": str(place), "KUBECONFIG": str(place / "kubeconfig")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    # Where nothing listens, a well-formed command gets as far as asking the server.
    asked = re.search(r"127\.0\.0\.1:1\b", done.stderr)
    return None if done.returncode == 0 or asked else done.stderr.strip()


def _refused_by_script(script: str, call: Typed) -> str | None:
    text = (DEPLOY / script).read_text("utf-8")
    library = "\n".join(each.read_text("utf-8") for each in sorted((DEPLOY / "_shared/scripts").glob("lib*/**/*.sh")))
    library += (DEPLOY / "_shared/scripts/lib.sh").read_text("utf-8")
    needed = {name for line in re.findall(r"(?m)^need (.+)$", text) for name in line.split()}
    missing = sorted(needed - set(call.given) - set(os.environ))
    unread = [name for name in call.given if not re.search(rf"\b{name}\b", text + library) and name != "NAMESPACE"]
    unknown = [word for word in call.words if f"{word})" not in library]
    faults = {"lacks": missing, "does not read": unread, "has no option": unknown}
    return next((f"{what} {names}" for what, names in faults.items() if names), None)


def _without_help(words: tuple[str, ...], help_text: str) -> str | None:
    help_text += help_text.replace("[no-]", "no-")
    options = [word.partition("=")[0] for word in words if word.startswith("-") and not OPEN.fullmatch(word)]
    unknown = [each for each in options if not re.search(rf"(?<![\w-]){re.escape(each)}\b", help_text)]
    return f"no option {unknown[0]}" if unknown else None


def _without_source(words: tuple[str, ...]) -> str | None:
    sources = [word for word in words if not word.startswith("-")][:-1]
    gone = [each for each in sources if not (DEPLOY / each.removeprefix(CLONE)).exists()]
    return f"no {gone[0]}" if gone else None


@cache
def _output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def nowhere(words: tuple[str, ...]) -> str | None:
    """What a call leaves open or names that is not there; None where it is plain."""
    if words[0] == "kustomize" or "--dry-run=client" in words:
        return None
    if "--context" not in words or words[words.index("--context") + 1] not in CONTEXTS:
        return "names no context"
    home = words[words.index("-n") + 1] if "-n" in words else ""
    if home and home not in {*NAMESPACES.values(), *OTHERS}:
        return f"there is no Namespace {home}"
    known = objects()
    named = [each for each in named_objects(words) if not OPEN.fullmatch(each.rpartition("/")[2])]
    gone = [each for each in named if each not in known and each not in OTHERS.get(home, ())]
    return f"there is no {gone[0]}" if gone else None


def named_objects(words: tuple[str, ...]) -> list[str]:
    """What a call names, as kind/name: `deployment/app`, or `secret app-tls`."""
    verb = next((at for at, word in enumerate(words) if word in {"get", "describe", "delete"}), None)
    joined = [word for word in words if re.fullmatch(r"(?:deployment|service|job|secret|configmap)/[\w-]+", word)]
    if verb is None or verb + 2 >= len(words):
        return joined
    kinds, name = words[verb + 1], words[verb + 2]
    if not re.fullmatch(r"[a-z,]+", kinds) or name.startswith("-"):
        return joined
    return joined + [f"{kind}/{name}" for kind in kinds.split(",")]


@cache
def objects() -> frozenset[str]:
    """kind/name of all that the repository brings, and of the Namespaces and Secrets that are made beside it."""
    brought = [each for name in RENDERINGS for each in rendering(name)] + kustomize(DEPLOY / "_shared/monitoring")
    names = {f"{each['kind'].lower()}/{each['metadata']['name']}" for each in brought}
    spaces = {f"namespace/{each}" for each in (*NAMESPACES.values(), *OTHERS)}
    return frozenset(names | spaces | set(SEALED) | {f"sealed{each}" for each in SEALED})


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("kubectl --context production -n prj-01-prod get pods -l app=app -o wide", None),
        ("kubectl --context production -n prj-01-prod get pod --selektor app=app", "unknown flag"),
        ("kubectl --context production dran NODE", "plugin name"),
        ("kubectl --context production apply -f argocd/app-of-app.yaml", "does not exist"),
        ("kubectl -n prj-01-prod get pods", "names no context"),
        ("kubectl --context production -n prj-01 get pods", "no Namespace prj-01"),
        ("kubectl --context production -n prj-01-prod logs deployment/api", "no deployment/api"),
        ("kubectl --context production -n prj-01-prod get secret app-secret", "no secret/app-secret"),
        ("kubectl --context production -n monitoring port-forward service/grafana 3000:80", "no service/grafana"),
        ("ENVIRONMENT=production _shared/scripts/deploy/apply.sh", "lacks"),
        ("ENVIRONMENT=production KUBE_CONTEXT=production TAG=v1.0.0 _shared/scripts/deploy/apply.sh", "does not read"),
        ("ENVIRONMENT=production KUBE_CONTEXT=production _shared/scripts/deploy/apply.sh --dry", "has no option"),
        ("kubeseal --formats yaml", "no option"),
        ("cp -r k8s/bases k8s/apps/NAME/", "no k8s/bases"),
        ("k3s crictl prune", "not known here"),
    ],
)
def test_a_wrong_command_is_seen(command: str, wrong: str | None, place: Path, tmp_path: Path) -> None:
    """A tool that refuses, a place that is left open, a name that is not there."""
    call = session(f"```console\n$ {command}\n```", PROGRAMS, tmp_path)[-1]
    found = wrong_with(call, place) or (nowhere(call.words) if call.program == "kubectl" else None)
    assert (found is None) if wrong is None else (found is not None and wrong in found)


@pytest.mark.parametrize(
    "command", ["kubectl get pods |", 'kubectl -n "$NAMESPACE" get pods', "kubectI get pods", "kubectl get pods > a/b"]
)
def test_what_bash_cannot_read_is_seen(command: str, tmp_path: Path) -> None:
    """Broken syntax, a variable that nobody set, a program or directory that is not there."""
    with pytest.raises(Unreadable):
        session(f"```console\n$ {command}\n```", PROGRAMS, tmp_path)
