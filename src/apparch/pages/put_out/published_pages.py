"""Every page with the text that it is published with: the one list that the site and the exports are made from."""

from __future__ import annotations

from dataclasses import replace

from apparch.pages.drawn.rule_pages import rule_pages
from apparch.pages.expand import expand
from apparch.pages.put_out.chapters import parts
from apparch.pages.put_out.moved_links import moved
from apparch.pages.written.markup import Flavour
from apparch.pages.written.site import Page, Site


def published_pages(site: Site, flavour: Flavour = "site") -> list[Page]:
    """The pages that people wrote, a document as its chapters, then those made from data.

    Raises:
        PageError: a page cannot be published.
    """
    pages: list[Page] = []
    for page in [*site.pages, *rule_pages(site, flavour)]:
        text = expand(page, site, flavour)
        if page.name in site.chapters:
            pages += parts(page, text, site, flavour)
        else:
            pages.append(replace(page, flavour=flavour, text=moved(text, page.name, page.name, site, flavour)))
    return pages
