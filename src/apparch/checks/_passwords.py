"""The judges that look for passwords written out: in manifests, in values, in documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.catalogue.model import Text
from apparch.checks._commands import fences
from apparch.checks._deploy import is_substituted, unhashed
from apparch.deploy.pods import MAKERS, all_containers
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer, Finding
from apparch.repository import Node, Place, Problem
from apparch.repository.credentials import holds, is_value, known
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.places import spot
from apparch.repository.roles import role
from apparch.repository.yaml_file import parse_yaml

_VALUES = re.compile(r"(.*[-_.])?values([-_.].*)?\.ya?ml")
_NAMING = re.compile(
    r"(?i)(existing_?secret|secret_?keys?$|secret_?ref|key_?ref|keys?$|mapping|labels|annotations|env_?from)"
)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@'\"`]{0,80}:(?P<value>[^\s/@'\"`]{1,200})@")
_ASSIGNED = re.compile(
    r"(?P<name>\b[A-Za-z][\w-]{0,60})[\"']?(?:=|: )[\"']?(?P<value>[^\s\"'`,}|;&)]+)"
    r"|--(?P<option>password)[ =](?P<given>[^\s\"'`]+)"
)


def written_into_manifests(deploy: DeployRepo) -> Iterator[Answer]:
    """Passwords in ConfigMaps and in the variables of containers, for SEC001."""
    for each in deploy.objects:
        if kind(each.node) == "ConfigMap":
            for key, value in each.node.at("data").items():
                text = value.text or ""
                if "\n" not in text and _is_password(key, text) and not any(known(text)):
                    yield _plain("SEC001", value.place, f"ConfigMap {unhashed(name(each.node))}", key)
        elif kind(each.node) in MAKERS:
            for container in all_containers(each.node):
                for variable in container.at("env").elements():
                    key, text = variable.at("name").text or "", variable.at("value").text or ""
                    if _is_password(key, text) and not any(known(text)):
                        yield _plain("SEC001", variable.at("value").place, f"{kind(each.node)} {name(each.node)}", key)


def _is_password(key: str, text: str) -> bool:
    if is_substituted(text):
        return False
    address = _ADDRESS.search(text)
    return holds(key, text) or (address is not None and is_value(address["value"]))


def _plain(rule: str, place: Place, where: str, key: str) -> Finding:
    message = Text(ko=f"{where}에 {key}의 값이 그대로 있다", en=f"{where} holds the value of {key} in plain text")
    return Finding(rule, place, message, secret=True)


def sec007(deploy: DeployRepo) -> Iterator[Answer]:
    """No password in values, charts, documents and runbooks, not even as an example."""
    for path in deploy.files:
        found = role(path)
        if _VALUES.fullmatch(path.rpartition("/")[2]) and found in ("product", "development", "example"):
            documents = deploy.root.parsed(path, parse_yaml)
            for node in () if isinstance(documents, Problem) else documents:
                if not node.at("kind").text and not node.at("sops").present:
                    yield from _in_values(node, path.rpartition("/")[2])
        elif found == "docs" and path.endswith((".md", ".txt", ".adoc", ".rst")):
            text = deploy.root.text(path)
            yield from _in_text(path, text) if isinstance(text, str) else ()
    for each in deploy.objects:
        label = f"{kind(each.node)} {name(each.node)}"
        if kind(each.node) == "HelmRelease":
            yield from _in_values(each.node.at("spec", "values"), label)
        elif kind(each.node) == "Application":
            for source in [each.node.at("spec", "source"), *each.node.at("spec", "sources").elements()]:
                yield from _in_values(source.at("helm", "valuesObject"), label)
                for parameter in source.at("helm", "parameters").elements():
                    key, text = (parameter.at("name").text or "").rpartition(".")[2], parameter.at("value").text or ""
                    if holds(key, text):
                        yield _plain("SEC007", parameter.at("value").place, label, key)


def _in_values(node: Node, where: str) -> Iterator[Answer]:
    stack = [node]
    while stack:
        here = stack.pop()
        stack.extend(here.elements())
        for key, below in here.items():
            if isinstance(below.value, dict | list):
                if not _NAMING.search(key):
                    stack.append(below)
            elif below.value not in (None, True, False) and holds(key, str(below)):
                yield _plain("SEC007", below.place, where, key)
        variable, value = here.at("name").text or "", here.at("value").text or ""
        if holds(variable, value):
            yield _plain("SEC007", here.at("value").place, where, variable)


def _in_text(path: str, text: str) -> Iterator[Answer]:
    blocks = [(begin, block) for begin, _, block in fences(text)]
    inline = [(match.start(1), match[1]) for match in re.finditer(r"(?<!`)`([^`\n]+)`(?!`)", text)]
    for begin, part in [*blocks, *inline]:
        for match in _ADDRESS.finditer(part):
            if is_value(match["value"]):
                place = spot(path, text, begin + match.start("value"), begin + match.end("value"))
                yield _plain("SEC007", place, path.rpartition("/")[2], "URL")
        for match in _ASSIGNED.finditer(part):
            key, group = (match["name"], "value") if match["name"] else (match["option"], "given")
            if holds(key, match[group]) and not re.fullmatch(r"[a-zA-Z]*(Ref|Key|Name)", match[group]):
                place = spot(path, text, begin + match.start(group), begin + match.end(group))
                yield _plain("SEC007", place, path.rpartition("/")[2], key)
