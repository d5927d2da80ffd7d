"""The line below a code block: where its file is, what judged it."""

from __future__ import annotations

from apparch.catalogue import Text
from apparch.pages.written.blocks import Block
from apparch.pages.written.links import relative
from apparch.pages.written.markup import classes
from apparch.pages.written.site import Page, Site

UNVERIFIED = Text("이 빌드에서는 확인하지 않음", "not verified in this build")
LONG_RUN = Text("긴 실행만 확인함: `./dev test`", "verified by the long run only: `./dev test`")


def caption(block: Block, page: Page, site: Site) -> list[str]:
    """A link to the block's snippet file with its lines, then what judged the block in this build."""
    snippet = block.snippet
    target = relative(page.name, source_file(snippet.path))
    lines = "" if snippet.section is None else f":{snippet.first}-{snippet.last}"
    link = f"[{snippet.path}{lines}]({target}#L{snippet.first}){classes('snippet-file', page.flavour)}"
    judge = site.proofs.judge_of(block.digest)
    if judge:
        words = "이 빌드에서 확인함" if page.language == "ko" else "verified in this build"
        return [f"{link} · {words}: {judge}", classes("snippet proved", page.flavour)]
    words = (LONG_RUN if site.proofs.quick else UNVERIFIED)[page.language]
    return [f"{link} · {words}", classes("snippet", page.flavour)]


def source_file(path: str) -> str:
    """Where the site shows a snippet file in full, below docs/."""
    return f"source/{path.removeprefix('snippets/')}/index.html"
