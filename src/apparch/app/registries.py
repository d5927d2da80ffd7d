"""Which registry an image goes to, by its name and by where the job that pushes it is logged in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.ci import Act
from apparch.repository.programs import program
from apparch.repository.shell import parse_commands
from apparch.repository.workflow import Step

GHCR, HUB = "ghcr.io", "docker.io"
_LONGEST = 500
_EXPRESSION = re.compile(r"\$?\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$\w+")
_HOST = re.compile(r"(?P<host>(?:[\w-]+[.])+[a-z]{2,}(?::[0-9]+)?|[\w.-]+:[0-9]{2,5}|localhost)$")
_OWNER = re.compile(
    r"(?:^|[._])(?:user|username|usr|namespace|org|organi[sz]ation|owner)$|^github[.](?:repository|actor)$"
    r"|DOCKER_?(?:HUB_?)?(?:USER|USERNAME|ID|LOGIN|ACCOUNT|NAMESPACE|ORG)\w*$",
    re.IGNORECASE,
)
"""What a variable is called that names whose the image is: a name that begins so has no registry."""
_CALLED = (
    (re.compile(r"(?:^|[^a-z])(?:ecr|aws)(?:[^a-z]|$)", re.IGNORECASE), "ECR"),
    (re.compile(r"(?:^|[^a-z])(?:acr|azure)(?:[^a-z]|$)", re.IGNORECASE), "ACR"),
    (re.compile(r"(?:^|[^a-z])(?:gcr|gar|gcp|artifact_?registry)(?:[^a-z]|$)", re.IGNORECASE), "Google's registry"),
    (re.compile(r"^CI_REGISTRY(?:_IMAGE)?$"), "GitLab's registry"),
    (re.compile(r"harbor|quay|nexus|artifactory|jfrog|openshift|ocir|aliyun", re.IGNORECASE), "another registry"),
)
"""What a variable is called that names a registry of a kind."""


def registry_of(reference: str) -> tuple[str, str]:
    """The registry of a reference, and the rest; the registry is empty where the text does not tell it."""
    reference = reference[:_LONGEST]
    first, slash, path = _EXPRESSION.sub(lambda match: match[0].replace("/", "\0"), reference).partition("/")
    first, path = first.replace("\0", "/"), path.replace("\0", "/")
    if not slash:
        plain = re.fullmatch(r"\$\{\{\s*github[.]repository\s*\}\}(:.*)?", first) or "$" not in reference
        return (HUB if plain else _called(first.partition(":")[0])), reference
    if match := _HOST.search(first):
        return match["host"], path
    if "$" not in first and "{{" not in first:
        return HUB, reference
    return (HUB, reference) if _is_owner(first) else (_called(first), path)


def logged_in(act: Act) -> str:
    """The registry that the job of a push is logged in to; empty where there is none, or it may be GHCR."""
    found = [each for step in (act.step.job or act.job).steps for each in _logins(step)]
    return "" if any(not each or GHCR in each for each in found) else found[0] if found else ""


def _is_owner(first: str) -> bool:
    """Whether the first step of a name is a variable alone, by its name an account."""
    return bool(_EXPRESSION.fullmatch(first)) and bool(_OWNER.search(re.sub(r"[${}()\s]", "", first)))


def _called(first: str) -> str:
    name = re.sub(r"[${}()\s]", "", first).rpartition("secrets.")[2].rpartition("vars.")[2].rpartition("env.")[2]
    return next((registry for pattern, registry in _CALLED if pattern.search(name)), "")


def _logins(step: Step) -> Iterator[str]:
    """The registries that a step logs in to; an empty text for one that cannot be told."""
    given = step.given
    match step.uses.name if step.uses else "":
        case "docker/login-action":
            told = str(given["registry"]) if "registry" in given else HUB
            password = str(given["password"]) if "password" in given else ""
            yield told if "$" not in told else _called(told) or _kept_secret(told, password)
        case "azure/docker-login":
            yield "ACR"
        case "aws-actions/amazon-ecr-login":
            yield "ECR"
    for command in parse_commands(step.run.text or ""):
        run = program(command.words)
        if run.does("docker", "login") or run.does("podman", "login"):
            taken = run.option("-u", "--username", "-p", "--password")
            host = next((word for word in run.words[1:] if word not in taken), HUB)
            yield host if "$" not in host else (registry_of(f"{host}/x")[0] or "")
        elif run.does("az", "acr", "login"):
            yield "ACR"
        elif run.does("gcloud", "auth", "configure-docker"):
            yield "Google's registry"


def _kept_secret(told: str, password: str) -> str:
    """A registry that a secret names, with a password of its own: nobody hides the name of GHCR."""
    own = re.search(r"GITHUB_TOKEN|github\.token|GHCR|GH_|CR_PAT|PACKAGES", f"{told} {password}", re.IGNORECASE)
    return "a registry that a secret names" if "secrets." in told and password and not own else ""
