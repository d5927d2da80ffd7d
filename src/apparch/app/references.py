"""The image references that workflows push, as far as their text tells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from apparch.app.actions import BUILDERS
from apparch.app.ci import Act, all_acts
from apparch.app.destinations import destinations
from apparch.app.meanings import LOOPBACK
from apparch.repository import Node, Place, Repository
from apparch.repository.programs import Program
from apparch.repository.shell import parse_commands
from apparch.repository.workflow import Step

METADATA = "docker/metadata-action"
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_TAGS_OF = re.compile(r"\$\{\{\s*steps\.([\w-]+)\.outputs\.(?:tags|json)\s*\}\}")
_AT_A_TAG = frozenset({"release", "create", "workflow_dispatch", "workflow_call", "deployment", "deployment_status"})
"""What else may run at a tag; any other event runs at the default branch, or at a pull request's."""
_GITHUB = {
    "GITHUB_SHA": "${{github.sha}}",
    "GITHUB_REPOSITORY": "${{github.repository}}",
    "GITHUB_REPOSITORY_OWNER": "${{github.repository_owner}}",
    "GITHUB_REF_NAME": "${{github.ref_name}}",
    "GITHUB_RUN_NUMBER": "${{github.run_number}}",
    "GITHUB_RUN_ID": "${{github.run_id}}",
}


@dataclass(frozen=True)
class Reference:
    """One image that is pushed under one name and tag."""

    name: str
    """With its registry; expressions stand as `${{github.repository}}`."""
    tag: str
    """Empty where none is written."""
    place: Place
    act: Act
    """The push."""
    digest: bool = False
    """Whether it is pushed without a tag, by its digest alone."""


@dataclass(frozen=True)
class TagRule:
    """One line of `tags` of docker/metadata-action."""

    kind: str
    """`semver`, `ref`, `sha`, `raw`, `edge`, `schedule`, ..."""
    given: Mapping[str, str] = field(hash=False)
    place: Place
    act: Act


@dataclass(frozen=True)
class Metadata:
    """One step of docker/metadata-action whose tags are pushed."""

    step: Step
    rules: tuple[TagRule, ...]
    latest: bool
    """Whether it adds the tag `latest`, as it does unasked for versions and tags."""
    latest_place: Place
    names: tuple[Reference, ...]
    act: Act


def pushed(repository: Repository) -> tuple[Reference, ...]:
    """Every reference that some workflow pushes and whose text can be read."""
    found: dict[tuple[Place, str, str], Reference] = {}
    for act in all_acts(repository):
        if act.meaning == "push":
            for each in _of_action(act) if act.run is None else _of_command(act, act.run):
                if not LOOPBACK.match(f"{each.name}/"):
                    found.setdefault((each.place, each.name, each.tag), each)
    return tuple(found.values())


def metadata(repository: Repository) -> Iterator[Metadata]:
    """Every docker/metadata-action in a job that pushes."""
    seen: set[Place] = set()
    for act in all_acts(repository):
        job = act.step.job or act.job
        for step in job.steps if act.meaning == "push" else ():
            if step.uses and step.uses.name == METADATA and step.place not in seen:
                seen.add(step.place)
                yield _metadata(step, act)


def split(reference: str) -> tuple[str, str]:
    """The name and the tag of a reference; the tag is empty where there is none."""
    masked = _EXPRESSION.sub(lambda match: "x" * len(match[0]), reference)
    masked = re.sub(r"\$\{[^}]*\}|\$\([^)]*\)", lambda match: "x" * len(match[0]), masked)
    at = masked.rfind(":")
    return (reference, "") if at < 0 or "/" in masked[at:] else (reference[:at], reference[at + 1 :])


def _of_action(act: Act) -> Iterator[Reference]:
    given, step = act.step.given, act.step
    if step.uses is None or step.uses.name not in BUILDERS:
        return
    node = given.get("tags")
    for begin, text in _lines(node):
        if node is not None and not _TAGS_OF.search(text):
            yield _reference(_expanded(text, step), node.spot(begin, begin + len(text)), act)
    outputs = given["outputs"].text or "" if "outputs" in given else ""
    if match := re.search(r"(?:^|[,\"])name=([^,\"\s]+)", outputs):
        place = given["outputs"].spot(match.start(1), match.end(1))
        yield _reference(_expanded(match[1], step), place, act, digest="push-by-digest=true" in outputs)


def _of_command(act: Act, run: Program) -> Iterator[Reference]:
    words = destinations(run)
    if not any("`" in word for word in run.words):  # a command words it, of which nothing is said
        yield from (_shell(word, act) for word in words)


def _shell(word: str, act: Act) -> Reference:
    assigned = {
        name: value
        for command in parse_commands(act.step.run.text or "")
        for name, value in command.assignments
        if not command.words or command.name == "export"
    }
    text = word
    for _ in range(3):
        text = _VARIABLE.sub(lambda match: _variable(match, assigned, act.step), text)
    return _reference(_expanded(text, act.step), act.place, act)


def _variable(match: re.Match[str], assigned: Mapping[str, str], step: Step) -> str:
    name = match[1] or match[2]
    if name in assigned:
        return assigned[name]
    node = step.environment.get(name)
    return (node.text or match[0]) if node is not None else _GITHUB.get(name, match[0])


def _reference(text: str, place: Place, act: Act, *, digest: bool = False) -> Reference:
    name, tag = split(text)
    return Reference(name, tag, place, act, digest)


def _metadata(step: Step, act: Act) -> Metadata:
    given = step.given
    rules: list[TagRule] = []
    node = given.get("tags")
    for begin, text in _lines(node, commas=False):
        if node is None:
            continue
        parts = dict(part.partition("=")[::2] for part in next(csv.reader([text]), []))
        kind = parts.pop("type", "raw" if "value" in parts else "")
        if not kind:
            kind, parts = "raw", {"value": text}
        parts = {key: _expanded(value, step) for key, value in parts.items()}
        if parts.get("enable") != "false":
            rules.append(TagRule(kind, parts, node.spot(begin, begin + len(text)), act))
    if node is None and step.uses:
        defaults = (("schedule", ""), ("ref", "branch"), ("ref", "tag"), ("ref", "pr"))
        rules = [TagRule(kind, {"event": event}, step.uses.place, act) for kind, event in defaults]
    flavor = given.get("flavor")
    said = re.search(r"latest\s*=\s*(\w+)", flavor.text or "") if flavor else None
    tagged = _may_be_tagged(act)
    versions = [
        each
        for each in rules
        if (each.kind in ("semver", "pep440", "match") or _is_tag(each)) and (tagged or "value" in each.given)
    ]
    latest = (said[1] == "true") if said and said[1] != "auto" else bool(versions)
    place = flavor.spot(*said.span()) if flavor and said else step.uses.place if step.uses else step.place
    images = given.get("images")
    names = [
        _reference(_expanded(text.removeprefix("name=").partition(",")[0], step), images.spot(at, at + len(text)), act)
        for at, text in _lines(images)
        if images is not None
    ]
    return Metadata(step, tuple(rules), latest, place, tuple(names), act)


def _may_be_tagged(act: Act) -> bool:
    """Whether what starts a workflow may be a tag, for which alone `latest` is added unasked."""
    return any(
        each.takes_tag("v1.0.0") or each.filters.at("tags").present if each.name == "push" else each.name in _AT_A_TAG
        for each in act.workflow.triggers
    )


def _is_tag(rule: TagRule) -> bool:
    return rule.kind == "ref" and rule.given.get("event") == "tag"


def _lines(node: Node | None, *, commas: bool = True) -> Iterator[tuple[int, str]]:
    """The entries of a list input, with the place at which each begins."""
    for match in re.finditer(r"[^,\n]+" if commas else r"[^\n]+", (node.text or "") if node is not None else ""):
        text = match[0].strip()
        if text and not text.startswith("#"):
            yield match.start() + match[0].index(text), text


def _expanded(text: str, step: Step) -> str:
    """A text with what `env` says put in, and its other expressions without blanks."""

    def put(match: re.Match[str]) -> str:
        inner = match[1]
        if found := re.fullmatch(r"env\.(\w+)", inner):
            node = step.environment.get(found[1])
            if node is not None and node.text is not None:
                return node.text if "env." not in node.text else match[0]
        return "${{" + inner + "}}"

    return _EXPRESSION.sub(lambda match: "${{" + match[1] + "}}", _EXPRESSION.sub(put, text))
