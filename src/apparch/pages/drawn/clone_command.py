"""How a reader gets a clone of this repository: known where its address is, and else said to be unknown."""

from __future__ import annotations

import html

from apparch.catalogue import Text
from apparch.pages.written.site import Page, Site

UNKNOWN = Text(
    "이 사본은 레포의 주소를 밝히지 않았다. `./dev serve`로 보고 있다면 이미 받아 둔 레포에서 보는 것이다.",
    "This copy of the site does not say where its repository is. If `./dev serve` shows it to you, you are in a clone.",
)


def commands(page: Page, site: Site) -> list[str]:
    """The commands that make a clone and enter it."""
    if site.origin is None:
        return ["", UNKNOWN[page.language], ""]
    lines = f"git clone {site.origin.url}", f"cd {site.origin.name}"
    if page.flavour == "plain":
        return ["", f"`{' && '.join(lines)}`", ""]
    # Written as HTML: a fence is a file of the repository, and no file knows the address.
    text = "&#10;".join(map(html.escape, lines))
    return ["", f'<div class="highlight"><pre><code>{text}</code></pre></div>', ""]
