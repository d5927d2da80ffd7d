"""Where a section is on the site, whichever page it is published on."""

from __future__ import annotations

from apparch.catalogue import Language
from apparch.pages.written.site import Site


def address_of(page: str, section: str, language: Language, site: Site) -> str:
    """The whole address of a page's section; `top` is the page itself."""
    chapter = site.chapters.get(page, {}).get(section)
    path = "" if page == "index" else f"{page.removesuffix('/index')}/"
    if chapter:
        path, section = f"{page}/{chapter}/", "top" if section == chapter else section
    anchor = "" if section == "top" else f"#{section}"
    return f"{site.url}{'' if language == 'ko' else f'{language}/'}{path}{anchor}"
