"""The header card of a document: what its front matter says of it."""

from __future__ import annotations

from apparch.catalogue import Text
from apparch.pages.written.markup import boxed
from apparch.pages.written.site import Page

LABELS = {
    "id": Text("문서 ID", "Document ID"),
    "status": Text("상태", "Status"),
    "version": Text("버전", "Version"),
    "created": Text("작성", "Created"),
    "updated": Text("갱신", "Updated"),
    "parent": Text("상위 문서", "Parent"),
    "related": Text("관련 문서", "Related"),
    "children": Text("하위 문서", "Children"),
}
LINKED = {"parent", "related", "children"}


def card(page: Page) -> list[str]:
    """The card's Markdown, nothing for a page that is not one of the documents."""
    about = page.meta.get("document")
    if not about:
        return []
    items = [f"- **{LABELS[key][page.language]}** {_value(key, about[key])}" for key in LABELS if about.get(key)]
    return ["", *boxed(items, "document-card", page.flavour), ""]


def _value(key: str, value: object) -> str:
    if key not in LINKED:
        return str(value)
    names = value if isinstance(value, list) else [value]
    return ", ".join(f"[[{name}.md]]" for name in names)
