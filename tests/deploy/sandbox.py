"""Where scripts run for real: a copy of the Deploy repo, and stand-ins that record what was called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.kube import kubectl

BIN = Path(sys.executable).parent

# Real kubectl renders and makes Secrets without a cluster; whatever needs a cluster is recorded, and fails on request.
STAND_IN = """#!/bin/bash
# One write, so that the two ends of a pipe do not mix their lines.
printf '%s\\n' "$(basename "$0")$(printf ' %q' "$@")" >> "$RECORD"
[[ -z ${FAIL:-} || "$*" != *"$FAIL"* ]] || exit 1
case "$(basename "$0") $1" in
  'kubectl kustomize') exec "$KUBECTL" "$@" ;;
  'kubectl create') printf 'kind: Secret\\nstringData: {KEY: %s}\\n' "$PLAIN" ;;
  'kubeseal --format')
    cat >> "$RECORD.stdin"
    sealed='kind: SealedSecret\\nspec: {}\\n'
    [[ $* != *--merge-into* ]] && printf "$sealed" || printf "merged: true\\n$sealed" > "${@: -1}" ;;
  'kubeseal --context') cat "$CERTIFICATE" ;;
  'sops decrypt') printf 'kind: Secret\\nstringData: {KEY: %s}\\n' "$PLAIN" ;;
  'k3s --version') [[ -z ${INSTALLED:-} ]] || echo "k3s version $INSTALLED (0)" ;;
  'kubectl --context')
    case "$*" in
      *' get secret'*) echo "$PLAIN" ;;
      *' get job '*) echo "${JOB:-Complete : }" ;;
      *' get replicasets'*'restart'* | *' get replicasets'*'revision-history'*)
        printf '%s\n' "${KEPT:-1||ghcr.io/org/app:v1.4.1|app-config-aaaaaaaaaa}" ;;
      *' get deployment '*'tracking-id}') printf '%s' "${TRACKED:-}" ;;
      *' get configmap '*'-o name') echo configmap/there ;;
      *' get deployment '*'revision}') echo "${CURRENT:-1}" ;;
      *'-f -') cat >> "$RECORD.stdin" ;;
      *' apply -f '*.yaml) mkdir -p "$RECORD.applied" && cp "${@: -1}" "$RECORD.applied/" ;;
    esac ;;
esac
"""

PLAIN = "correct-horse"
"""The value that every secret has here."""

READ = re.compile(r" (get|logs|diff|create --dry-run=client) ")
"""What a call of kubectl does that changes nothing."""

LIMIT = re.compile(r"--timeout=([1-9]|[1-9]\d{1,2}|[1-3]\d{3})s|--timeout=([1-9]|[1-5]\d|60)m")

PRODUCTION = {"ENVIRONMENT": "production", "KUBE_CONTEXT": "prod-cluster"}


@dataclass
class Sandbox:
    """A copy of the Deploy repo and the stand-ins that its scripts find on PATH."""

    root: Path
    work: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a script of the copy with only the given variables."""
        command = [str(self.root / "_shared" / "scripts" / script), *arguments]
        return subprocess.run(
            command, env={**self.environment, **variables}, cwd=self.work, capture_output=True, text=True, check=False
        )

    def shell(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a step of a workflow, as GitHub does, at the copy's root with only the given variables."""
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(
            command, env={**self.environment, **variables}, cwd=self.root, capture_output=True, text=True, check=False
        )

    @property
    def calls(self) -> list[str]:
        """Every call that changes something or waits; file names and sensible limits of time replaced."""
        return [plain(line) for line in changing(self.recorded) if not READ.search(line)]

    @property
    def recorded(self) -> list[str]:
        """Every call of a stand-in so far, as it was made."""
        record = Path(self.environment["RECORD"])
        return record.read_text().splitlines() if record.exists() else []


def make(root: Path, directory: Path) -> Sandbox:
    """Stand-ins (mocks: no cluster is reached) for the programs that would change something."""
    programs = directory / "programs"
    programs.mkdir()
    for name in ("kubectl", "helm", "kubeseal", "sops", "k3s", "argocd", "gh"):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    work = directory / "work"
    work.mkdir()
    shutil.copy(certificate(), work / "cert.pem")
    environment = {
        "PATH": f"{programs}:{BIN}:{os.defpath}",
        "HOME": str(work),
        "RECORD": str(directory / "record"),
        "KUBECTL": str(kubectl()),
        "ALLOW_PLACEHOLDERS": "true",
        "PLAIN": PLAIN,
        "TMPDIR": str(work),
        "CERTIFICATE": str(certificate()),
        "POLL_SECONDS": "0.05",
        "PATIENCE": "3",
    }
    return Sandbox(root, work, environment)


@cache
def certificate() -> Path:
    """A certificate such as a controller publishes."""
    file = Path(tempfile.mkdtemp()) / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sealed-secret", "-days", "30"]
    subprocess.run([*command, "-keyout", os.devnull, "-out", file], check=True, capture_output=True)
    return file


def plain(call: str) -> str:
    """A call without what may differ: of a path its name, a limit of some seconds to an hour is TIME."""
    words = [Path(word).name if word.startswith("/") else word for word in call.split()]
    return " ".join(LIMIT.sub("--timeout=TIME", word) for word in words)


def changing(lines: list[str]) -> list[str]:
    """The calls that did more than render."""
    return [line for line in lines if not line.startswith("kubectl kustomize")]
