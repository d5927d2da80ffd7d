"""A site small enough to read at a glance: what the pages' tests build their cases from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from apparch.catalogue import Catalogue, Family, Language, Rule, Text
from apparch.pages.written.blocks import Block
from apparch.pages.written.site import Page, Site
from apparch.pages.written.snippets import Snippet

APP = "arch/k8s_app_architecture"
DEPLOY = "arch/k8s_sub_architecture"

RULE = Rule(
    id="IMG002",
    level="MUST",
    owner="app",
    document="k8s_app_architecture",
    section="4-2",
    since="3.0.0",
    proof="run",
    title=Text("태그는 움직이지 않는다", "Tags never move"),
    statement=Text("올린 태그는 다시 쓰지 않는다.", "A pushed tag must never be overwritten."),
    reason=Text("같은 이름은 같은 내용이다.", "One name, one content."),
    repair=Text("새 태그를 만든다.", "Make a new tag."),
)


def a_rule(rule_id: str = "IMG002", **changes: Any) -> Rule:
    """A rule, as given or changed."""
    return replace(RULE, id=rule_id, **changes)


def a_page(text: str, name: str = APP, language: Language = "ko", **meta: Any) -> Page:
    """A page with this Markdown."""
    return Page(name, language, text, meta)


def a_site(root: Path, *pages: Page, rules: tuple[Rule, ...] = (RULE,), **more: Any) -> Site:
    """A site of these pages and rules, its snippets below root."""
    families = {rule.id[:3]: [] for rule in rules}  # type: dict[str, list[Rule]]
    for rule in rules:
        families[rule.id[:3]].append(rule)
    catalogue = Catalogue(
        tuple(
            Family(name, Text("이미지와 태그", "Images and tags"), "k8s_app_architecture", tuple(members))
            for name, members in families.items()
        )
    )
    return Site(root=root, url="https://apparch.example/", catalogue=catalogue, pages=pages, **more)


def write_snippet(root: Path, path: str, text: str) -> str:
    """Write a snippet file; its path below the repository."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return path


def a_block(root: Path, path: str, language: str, text: str | None = None) -> Block:
    """A block that shows a whole snippet file, written first where a text is given."""
    if text is not None:
        write_snippet(root, path, text)
    content = (root / path).read_text("utf-8").strip("\n")
    lines = content.count("\n") + 1
    return Block(f"{APP}.md", 7, "ko", language, Snippet(path, None, 1, lines, content))
