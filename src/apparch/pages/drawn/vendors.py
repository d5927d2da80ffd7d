"""The table of what was taken from vendors' documents instead of being run."""

from __future__ import annotations

from apparch.pages.drawn.markdown_table import table
from apparch.pages.written.sections import number
from apparch.pages.written.site import Page, Site


def vendors(page: Page, site: Site) -> list[str]:
    """Every fact: whose, what the vendor says, in which document and state of it, and what rests on it."""
    korean = page.language == "ko"
    header = (
        ["제품", "사실", "문서와 읽은 판", "쓰는 곳"] if korean else ["Product", "Fact", "Document, as read", "Used in"]
    )
    return table(
        header,
        (
            [
                fact["product"],
                fact[page.language],
                f"[{fact['document']}]({fact['address']}), {fact['read']}",
                ", ".join(_place(used) for used in fact["used"]),
            ]
            for fact in site.vendors
        ),
    )


def _place(used: str) -> str:
    document, _, section = used.partition("#")
    if section:
        return f"[[{document.removeprefix('arch/')}.md]] {number(section)}"
    # The site shows the files that pages include; of the others their path is enough.
    return f"`{used.removeprefix('snippets/deploy/')}`"
