"""Which names in a Dockerfile stand for what builds are handed, not for images from elsewhere."""

from __future__ import annotations

import re

from apparch.app.ci import all_acts
from apparch.app.repo import AppRepo
from apparch.repository.path_names import name

_BUILDERS = re.compile(
    r"(docker-)?bake[\w.-]*[.](hcl|json)|(docker-|podman-)?compose[\w.-]*[.]ya?ml|Makefile|[jJ]ustfile|.*[.](sh|mk)"
)
"""Files that say how images are built."""
_CONTEXTS = re.compile(r"contexts[\"']?\s*[=:]\s*\{([^}]*)\}|additional_contexts:\s*\n((?:\s+[-\w\"'].*\n)+)")
_KEY = re.compile(r"[\"']?([\w.-]+)[\"']?\s*[=:]")
_OPTION = re.compile(r"--build-context[ =]([\w.-]+)=")


def named_contexts(app: AppRepo) -> set[str]:
    """The names under which builds are given further folders or one another's images."""
    given = [each.step.given["build-contexts"] for each in all_acts(app.root) if "build-contexts" in each.step.given]
    found = {line.partition("=")[0].strip() for node in given for line in (node.text or "").splitlines()}
    for path in app.root.files:
        if _BUILDERS.fullmatch(name(path)):
            text = app.glance(path)
            blocks = [block for both in _CONTEXTS.findall(text) for block in both]
            found.update(each for block in blocks for each in _KEY.findall(block))
            found.update(_OPTION.findall(text))
    return found
