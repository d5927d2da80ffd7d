"""The judges of the names and tags that workflows push images under."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from apparch.app.ci import all_acts
from apparch.app.references import Reference, TagRule, metadata, pushed, split
from apparch.app.repo import AppRepo
from apparch.app.stages import outside_images, released
from apparch.checks._sent_tags import Kind, sent_tags
from apparch.checks._shared import finding
from apparch.finding import Answer
from apparch.repository import Place
from apparch.repository.places import spot
from apparch.repository.roles import role
from apparch.repository.workflow.events import Event, published_release, pull_request, pushed_branch, pushed_tag

_NUMBER = r"(0|[1-9][0-9]*)"
_RELEASE = re.compile(rf"v{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-rc\.{_NUMBER})?")
_WHOLE = "${{github.sha}}"
_TIME = re.compile(
    r"\$\(date\b|\{\{\s*date\b|\$\{\{[^}]*(date|timestamp|time)[^}]*\}\}|\b20[0-9]{2}-?[01][0-9]-?[0-3][0-9]\b|%Y%m%d",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"GITHUB_SHA:(0)?:\d+|rev-parse\s+--short|\{\{\s*sha\s*\}\}|short[-_]?sha|sha[-_]?short", re.IGNORECASE
)
_IN_DIFF = re.compile(r"[+-](?![ -])")
"""How a line of a diff begins."""
_ASIDE = re.compile(
    r"(^|/)(hack|upgrad\w*|migrat\w*|changes?|changelogs?|releases?|release[-_]notes|news)(/|[-_.])", re.IGNORECASE
)
"""What tries something out or tells of former versions is no part of the official flow."""
_OTHER = re.compile(r"github\.(run_number|run_id|run_attempt|event\.number|event\.pull_request\.number|head_ref|actor)")
_KIND_OF_RULE = {"edge": "edge", "schedule": "nightly", "pep440": "X.Y.Z"}


def img003(app: AppRepo) -> Iterator[Answer]:
    """A commit's tag names the whole commit."""
    for kind, tag, place in sent_tags(app):
        if kind == "short":
            ko, en = f"태그 {tag}가 커밋을 줄여 적는다", f"the tag {tag} shortens the commit"
            yield finding("IMG003", place, ko, en)
    for each in pushed(app.root):
        if not each.digest and kind_of(each) == "short":
            ko, en = f"태그 {each.tag}가 커밋을 줄여 적는다", f"the tag {each.tag} shortens the commit"
            yield finding("IMG003", each.place, ko, en)
    for found in metadata(app.root):
        for rule in found.rules:
            short = rule.kind == "sha" and rule.given.get("format", "short") != "long"
            if short or (rule.kind == "raw" and _SHORT.search(rule.given.get("value", ""))):
                ko, en = "type=sha가 커밋을 일곱 글자로 줄인다", "type=sha shortens the commit to seven characters"
                yield finding("IMG003", rule.place, ko, en)


def img004(app: AppRepo) -> Iterator[Answer]:
    """Tags are sha-COMMIT or vX.Y.Z and nothing else."""
    for kind, tag, place in sent_tags(app):
        if kind == "other":
            ko = f"태그 {tag}는 sha-커밋도 vX.Y.Z도 아니다"
            yield finding("IMG004", place, ko, f"the tag {tag} is neither sha-COMMIT nor vX.Y.Z")
    yield from _only_moving(app)
    for each in pushed(app.root):
        if not each.digest and kind_of(each) == "other":
            ko = f"태그 {each.tag}는 sha-커밋도 vX.Y.Z도 아니다"
            yield finding("IMG004", each.place, ko, f"the tag {each.tag} is neither sha-COMMIT nor vX.Y.Z")
    for found in metadata(app.root):
        told: set[Place] = set()
        for rule in found.rules:
            if (other := _other_rule(rule)) and rule.place not in told:
                told.add(rule.place)  # the action's own rules stand at one place
                ko = f"{other} 같은 태그는 sha-커밋도 vX.Y.Z도 아니다"
                yield finding("IMG004", rule.place, ko, f"tags like {other} are neither sha-COMMIT nor vX.Y.Z")


def _only_moving(app: AppRepo) -> Iterator[Answer]:
    """The first push where all can be read, and none has a tag that names a commit or a version."""
    found, read = pushed(app.root), {each.act.step.place for each in pushed(app.root)}
    acts = [each for each in all_acts(app.root) if each.meaning == "push"]
    is_read = not any(metadata(app.root)) and all(each.step.place in read for each in acts)
    if found and is_read and all(each.tag == "latest" for each in found):
        ko, en = "sha-커밋 태그도 vX.Y.Z 태그도 만들지 않는다", "no tag that is made is sha-COMMIT or vX.Y.Z"
        yield finding("IMG004", found[0].place, ko, en)


def img006(app: AppRepo) -> Iterator[Answer]:
    """Nothing makes or names a tag that moves or tells the time."""
    for kind, tag, place in sent_tags(app):
        if kind == "moving":
            named = tag or "latest"
            ko, en = f"태그 {named}는 옮겨 다니거나 시각을 말한다", f"the tag {named} moves or tells the time"
            yield finding("IMG006", place, ko, en)
    for each in pushed(app.root):
        if not each.digest and kind_of(each) == "moving":
            tag = each.tag or "latest"
            ko, en = f"태그 {tag}는 옮겨 다니거나 시각을 말한다", f"the tag {tag} moves or tells the time"
            yield finding("IMG006", each.place, ko, en)
    for found in metadata(app.root):
        latest = [each for each in found.rules if each.kind == "raw" and _moves(each.given.get("value", ""))]
        for rule in latest:
            tag = rule.given.get("value", "")
            ko, en = f"태그 {tag}는 옮겨 다니거나 시각을 말한다", f"the tag {tag} moves or tells the time"
            yield finding("IMG006", rule.place, ko, en)
        if found.latest and not latest:
            ko, en = "버전을 올릴 때 latest를 함께 붙인다", "it adds the tag latest to every version"
            yield finding("IMG006", found.latest_place, ko, en)
    for _, stages in released(app):
        for instruction, image in outside_images(stages):
            if image and split(image.partition("@")[0])[1] == "latest":
                ko, en = f"{image.partition('@')[0]} 위에 짓는다", f"it is built on {image.partition('@')[0]}"
                yield finding("IMG006", instruction.place, ko, en)
    yield from _named(app)


def img008(app: AppRepo) -> Iterator[Answer]:
    """A release builds nothing."""
    for each in all_acts(app.root):
        if each.meaning != "push" or (each.run and each.run.name in ("skopeo", "crane")):
            continue
        if each.guard and not each.place.path.endswith((".yml", ".yaml")):
            continue  # a script that pushes when it is told so
        trigger = each.workflow.trigger("push")
        tagged = trigger is not None and trigger.filters.at("tags").present and each.may_happen(pushed_tag())
        if tagged or each.may_happen(published_release()):
            ko, en = f"{each.told}: 릴리스가 이미지를 다시 빌드한다", f"{each.told}: a release builds the image anew"
            yield finding("IMG008", each.place, ko, en)


def kind_of(reference: Reference) -> Kind:
    """What a pushed tag tells."""
    tag = reference.tag
    if not tag:
        return "unknown" if "$" in reference.name else "moving"
    if _moves(tag):
        return "moving"
    if _RELEASE.fullmatch(tag) or tag == f"sha-{_WHOLE}":
        return "release" if tag.startswith("v") else "commit"
    if _SHORT.search(tag):
        return "short"
    if tag == "${{github.ref_name}}":
        return "other" if _on_branches(reference) else "release"
    known = _WHOLE in tag or _OTHER.search(tag) or "$" not in tag
    return "other" if known else "unknown"


def _on_branches(reference: Reference) -> bool:
    trigger = reference.act.workflow.trigger("push")
    branches = trigger.listed("branches") if trigger else ()
    return any(reference.act.may_happen(pushed_branch(each.replace("*", "x"))) for each in branches)


def _moves(tag: str) -> bool:
    return tag == "latest" or tag.endswith("-latest") or tag.startswith("latest-") or bool(_TIME.search(tag))


def _other_rule(rule: TagRule) -> str:
    """What tags a rule of the metadata action makes that are neither; empty where they are."""
    value = rule.given.get("value", "")
    match rule.kind:
        case "semver":
            pattern = rule.given.get("pattern", "{{version}}").replace(" ", "")
            whole = (
                pattern in ("{{raw}}", "v{{version}}", "v{{major}}.{{minor}}.{{patch}}")
                or rule.given.get("prefix") == "v"
            )
            return "" if whole else pattern
        case "ref":
            told = {"branch": "main", "pr": "pr-1"}.get(rule.given.get("event", ""), "")
            return told if told and _happens(rule) else ""
        case "sha":
            prefix = rule.given.get("prefix", "sha-")
            return "" if prefix == "sha-" else f"{prefix}COMMIT"
        case "raw":
            known = _WHOLE in value or _OTHER.search(value) or not re.search(r"\$|\{\{", value) or "branch" in value
            fine = _moves(value) or _RELEASE.fullmatch(value) or value == f"sha-{_WHOLE}" or _SHORT.search(value)
            return value if known and value and not fine else ""
        case "edge" | "schedule" | "pep440":
            return _KIND_OF_RULE[rule.kind] if _happens(rule) else ""
    return ""


def _happens(rule: TagRule) -> bool:
    """Whether the push is made for some event for which the rule makes a tag at all."""
    act = rule.act
    if rule.kind == "schedule":
        return act.workflow.trigger("schedule") is not None
    if rule.kind == "pep440":
        return True
    if rule.given.get("event") == "pr":
        return act.may_happen(pull_request(""))
    trigger = act.workflow.trigger("push")
    branches = [each.replace("*", "x") for each in (trigger.listed("branches") if trigger else ())]
    events = [pushed_branch(each) for each in (*branches, "main", "master")]
    return any(act.may_happen(each) for each in (*events, Event("workflow_dispatch", "refs/heads/main")))


def _named(app: AppRepo) -> Iterator[Answer]:
    """Where documents and scripts tell people to take the app's own `latest`."""
    own = _own_names(app)
    if not own:
        return
    wanted = re.compile(rf"(?<![\w./-])({'|'.join(own)}):latest(?![\w.-])")
    for path in app.files:
        if role(path) not in ("docs", "product", "development") or not _is_told(path) or _ASIDE.search(path):
            continue
        read = app.root.text(path)
        text = read if isinstance(read, str) else ""
        for match in wanted.finditer(text) if ":latest" in text else ():
            if _IN_DIFF.match(text, text.rfind("\n", 0, match.start()) + 1):
                continue
            place = spot(path, text, match.start(), match.end())
            yield finding("IMG006", place, f"{match[0]}를 쓰라고 한다", f"it tells people to take {match[0]}")


def _is_told(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name.endswith((".md", ".rst", ".sh", ".yml", ".yaml", ".txt")) or (
        name in ("makefile", "justfile") and (not name.startswith("changelog"))
    )


def _own_names(app: AppRepo) -> list[str]:
    """Patterns of the names that the app's image has."""
    names = {each.name for each in pushed(app.root)} | {n.name for each in metadata(app.root) for n in each.names}
    found = [re.escape(each) for each in names if "$" not in each and "/" in each]
    if title := _title(app):
        found.append(rf"ghcr\.io/[\w.-]+/{re.escape(title)}")
    return found


def _title(app: AppRepo) -> str:
    """The project's name, by its manifest."""
    for path, pattern in (("pyproject.toml", r'^name\s*=\s*"([^"]+)"'), ("go.mod", r"^module\s+\S*/([\w.-]+)$")):
        text = app.repository.text(path) if app.has(path) else ""
        if isinstance(text, str) and (match := re.search(pattern, text, re.MULTILINE)):
            return match[1]
    text = app.repository.text("package.json") if app.has("package.json") else ""
    try:
        name = json.loads(text).get("name", "") if isinstance(text, str) and text else ""
    except (ValueError, AttributeError):
        name = ""
    return str(name).rpartition("/")[2]
