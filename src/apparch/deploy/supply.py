"""What variables a container is given, and by which object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from apparch.deploy.overlay import Overlay
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.dotenv import parse_generator_lines
from apparch.repository.kustomize.objects import name
from apparch.repository.yaml_file import parse_yaml

TEMPLATES = "_shared/secrets/templates/"
_MENTION = re.compile(r"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")
Kind = Literal["ConfigMap", "Secret"]


@dataclass(frozen=True)
class Supply:
    """One variable, as a container gets it."""

    name: str
    place: Place
    by: Literal["ConfigMap", "Secret", "literal", "pod"]
    value: str | None
    """None where the manifest does not show it."""
    source: str
    """The object's name."""


@dataclass(frozen=True)
class Missing:
    """An object, or a key of one, that a container refers to and that nothing in the repository shows."""

    kind: Kind
    name: str
    place: Place
    variable: str = ""
    """The one that it would supply, where the container takes no more of it."""
    key: str = ""
    """The key that is missing where the object is there."""


@dataclass(frozen=True)
class Supplied:
    """Everything that a container is given, as far as the repository shows it."""

    found: tuple[Supply, ...] = ()
    missing: tuple[Missing, ...] = ()
    unknown: tuple[str, ...] = ()
    """Sources whose keys are not in the repository, so that nothing is known of what they lack."""
    mentioned: frozenset[str] = field(default=frozenset())
    """Variables that others of the container are composed of: they are read, if not by the app."""

    @property
    def effective(self) -> dict[str, Supply]:
        """What the process sees: of several supplies of one name, the last."""
        return {supply.name: supply for supply in self.found}


@dataclass(frozen=True)
class _Keys:
    """The keys of an object; not complete where some come from elsewhere."""

    entries: tuple[tuple[str, Place, str | None], ...]
    complete: bool = True


def supplies(repository: Repository, overlay: Overlay, container: Node) -> Supplied:
    """Everything that a container is given; a later source of the same kind wins, `env` wins over `envFrom`."""
    found: list[Supply] = []
    missing: list[Missing] = []
    unknown: list[str] = []
    for entry in container.at("envFrom").elements():
        prefix = entry.at("prefix").text or ""
        for kind, reference in _references(entry, "configMapRef", "secretRef"):
            keys = _keys(repository, overlay, kind, reference.at("name").text or "")
            optional = reference.at("optional").value is True
            if keys is None and not optional:
                missing.append(Missing(kind, reference.at("name").text or "", reference.at("name").place))
            if (keys is None and optional) or (keys is not None and not keys.complete):
                unknown.append(reference.at("name").text or "")
            for key, place, value in keys.entries if keys else ():
                found.append(Supply(prefix + key, place, kind, value, reference.at("name").text or ""))
    for entry in container.at("env").elements():
        for each in _variable(repository, overlay, entry):
            if isinstance(each, Supply):
                found.append(each)
            elif isinstance(each, Missing):
                missing.append(each)
    mentioned = {
        match[1]
        for each in container.at("env").elements()
        for match in _MENTION.finditer(each.at("value").text or "")
        if match[1]
    }
    composed = _composed(found)
    return Supplied(tuple(composed), tuple(missing), tuple(unknown), frozenset(mentioned))


def _composed(found: list[Supply]) -> list[Supply]:
    """Literals with the variables before them put in; one that mentions a Secret's value is a Secret's itself."""
    known: dict[str, Supply] = {}
    made: list[Supply] = []
    for each in found:
        composed = each
        if each.by == "literal" and each.value and "$" in each.value:
            parts = [known[match[1]] for match in _MENTION.finditer(each.value) if match[1] in known]
            hidden = [part for part in parts if part.value is None]
            secret = next((part for part in parts if part.by == "Secret"), None)
            if secret is not None:
                composed = replace(each, by="Secret", value=None, source=secret.source)
            elif hidden:
                composed = replace(each, by="pod", value=None)
            else:
                composed = replace(each, value=_MENTION.sub(lambda match: _put(match, known), each.value))
        known[each.name] = composed
        made.append(composed)
    return made


def _put(match: re.Match[str], known: dict[str, Supply]) -> str:
    if match[1] is None:
        return "$"
    return known[match[1]].value or "" if match[1] in known else match[0]


def _references(entry: Node, config: str, secret: str) -> Iterator[tuple[Kind, Node]]:
    if entry.at(config, "name").text:
        yield "ConfigMap", entry.at(config)
    if entry.at(secret, "name").text:
        yield "Secret", entry.at(secret)


def _variable(repository: Repository, overlay: Overlay, entry: Node) -> Iterator[Supply | Missing]:
    variable = entry.at("name").text
    if not variable:
        return
    for kind, reference in _references(entry.at("valueFrom"), "configMapKeyRef", "secretKeyRef"):
        source, wanted = reference.at("name").text or "", reference.at("key").text or ""
        keys = _keys(repository, overlay, kind, source)
        listed = [each for each in keys.entries if each[0] == wanted] if keys else []
        if listed:
            yield Supply(variable, listed[0][1], kind, listed[0][2], source)
        elif keys is not None and not keys.complete:
            yield Supply(variable, reference.place, kind, None, source)
        elif reference.at("optional").value is not True:
            place = reference.at("key" if keys is not None else "name").place
            yield Missing(kind, source, place, variable, wanted if keys is not None else "")
        return
    if entry.at("valueFrom").present:
        yield Supply(variable, entry.place, "pod", None, "the pod")
        return
    value = entry.at("value")
    place = value.place if value.value else entry.place
    yield Supply(variable, place, "literal", str(value.value or ""), "the manifest")


def _keys(repository: Repository, overlay: Overlay, kind: Kind, wanted: str) -> _Keys | None:
    if kind == "Secret":
        return secret_keys(repository, overlay, wanted)
    node = overlay.named("ConfigMap", wanted)
    if node is None:
        return None
    data = node.at("data")
    return _Keys(tuple((key, data.key(key), str(value)) for key, value in data.items()))


def secret_keys(repository: Repository, overlay: Overlay, wanted: str) -> _Keys | None:
    """The keys of a Secret, by whatever makes it; None where nothing in the repository does."""
    for node in overlay.rendering.of_kind("Secret", "SealedSecret", "ExternalSecret"):
        if wanted == made_secret(node):
            return _keys_of(node)
    for path in repository.matching("*.enc.yaml", "*.enc.yml"):
        documents = repository.parsed(path, parse_yaml)
        if not isinstance(documents, Problem):
            for node in documents:
                if name(node) == wanted and overlay.name.rpartition("/")[2] in path:
                    return _keys_of(node)
    if made_by_other(overlay, wanted):
        return _Keys((), complete=False)
    entries = repository.parsed(f"{TEMPLATES}{wanted}.env", parse_generator_lines)
    return None if isinstance(entries, Problem) else _Keys(tuple((each.name, each.place, None) for each in entries))


def made_secret(node: Node) -> str:
    """The name of the Secret that an object is or becomes."""
    if node.at("kind").text == "ExternalSecret":
        return node.at("spec", "target", "name").text or name(node)
    return name(node)


def made_by_other(overlay: Overlay, wanted: str) -> Node | None:
    """An object of another tool's kind that makes this Secret, or may well: it writes its name, or begins it."""
    for node in overlay.rendering.objects:
        group = (node.at("apiVersion").text or "").rpartition("/")[0]
        if "." not in group or group.endswith(".k8s.io") or group in ("bitnami.com", "external-secrets.io"):
            continue
        if any(each.text == wanted for each in node.at("spec").walk()) or wanted.startswith(f"{name(node)}-"):
            return node
    return None


def _keys_of(node: Node) -> _Keys:
    found: list[tuple[str, Place, str | None]] = []
    for path in (("data",), ("stringData",), ("spec", "encryptedData")):
        mapping = node.at(*path)
        found += [(key, mapping.key(key), None) for key, _ in mapping.items()]
    for entry in node.at("spec", "data").elements():
        if entry.at("secretKey").text:
            found.append((str(entry.at("secretKey").text), entry.place, None))
    template = node.at("spec", "target", "template", "data")
    if template.present:
        found = [(key, template.key(key), None) for key, _ in template.items()]
    open_ended = node.at("spec", "dataFrom").elements() and not template.present
    return _Keys(tuple(found), complete=not open_ended)
