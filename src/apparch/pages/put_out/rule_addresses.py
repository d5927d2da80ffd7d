"""The rules' addresses that choose no language, `/r/IMG002`, and the list in which the 404 page looks for near ones."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator

from apparch.catalogue import LANGUAGES, Language, Rule
from apparch.pages.written.site import Page, Site

NAMES: dict[Language, str] = {"ko": "한국어", "en": "English"}
INDEX = "r/index.json"

# Who reads without scripts chooses between the two links: a redirect would choose for them.
PAGE = """<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="description" content="{description}">
<link rel="canonical" href="{base}r/{id}/">
{alternates}
<link rel="alternate" hreflang="x-default" href="{base}r/{id}/">
<meta property="og:type" content="article">
<meta property="og:site_name" content="apparch">
<meta property="og:title" content="{title}">
<meta property="og:description" content="{description}">
<meta property="og:url" content="{base}r/{id}/">
<meta property="og:locale" content="ko_KR">
<meta property="og:locale:alternate" content="en_US">
<script>
  const pages = {{ ko: "{ko}", en: "{en}" }}
  let chosen
  try {{ chosen = localStorage.getItem("apparch:language") }} catch {{}}
  const wanted = [chosen, ...navigator.languages].map(each => (each ?? "").slice(0, 2)).find(each => each in pages)
  location.replace(pages[wanted ?? "en"] + location.search + location.hash)
</script>
<style>
  :root {{ color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }}
  body {{ max-width: 42rem; margin: 3rem auto; padding: 0 1rem }}
  h1 {{ font-size: 1.2rem }}
</style>
</head>
<body>
<main>
<h1>{id}</h1>
{sections}
</main>
</body>
</html>
"""
SECTION = """<section lang="{language}">
<h2><a href="{address}" hreflang="{language}">{title}</a></h2>
<p>{statement}</p>
{successor}<p><a href="{address}" hreflang="{language}">{name}</a></p>
</section>"""


def rule_addresses(site: Site, pages: Iterable[Page], base: str) -> Iterator[tuple[str, str]]:
    """Each neutral address's file below the site's root with its text, and the list for the 404 page.

    Args:
        site: the site.
        pages: its pages as published.
        base: the address of the build, an edition's own where it is one, with a slash at its end.
    """
    for rule in site.catalogue.rules.values():
        page = _page(rule, base)
        # The same bytes twice: where a file system takes both names for one, nothing is lost.
        yield f"r/{rule.id}/index.html", page
        yield f"r/{rule.id.lower()}/index.html", page
    yield INDEX, _index(site, pages)


def _page(rule: Rule, base: str) -> str:
    links = {each: _below(f"rules/{rule.id}/", each) for each in LANGUAGES}
    return PAGE.format(
        id=rule.id,
        base=html.escape(base),
        title=_escaped(f"{rule.id} {rule.title['ko']} / {rule.title['en']}"),
        description=_escaped(f"{rule.statement['ko']} / {rule.statement['en']}"),
        alternates="\n".join(
            f'<link rel="alternate" hreflang="{each}" href="{html.escape(base)}{links[each]}">' for each in LANGUAGES
        ),
        sections="\n".join(_section(rule, each, links[each]) for each in LANGUAGES),
        **{each: f"../../{link}" for each, link in links.items()},
    )


def _section(rule: Rule, language: Language, link: str) -> str:
    successor = ""
    if rule.replaced_by:
        words = "폐기된 규칙이다. 대신하는 규칙:" if language == "ko" else "This rule is retired. Its successor:"
        successor = f'<p>{words} <a href="../{rule.replaced_by}/">{rule.replaced_by}</a></p>\n'
    return SECTION.format(
        language=language,
        address=f"../../{link}",
        title=_escaped(rule.title[language]),
        statement=_escaped(rule.statement[language]),
        successor=successor,
        name=NAMES[language],
    )


def _index(site: Site, published: Iterable[Page]) -> str:
    """The titles of all rules and of all other pages, in both languages, by ID and by address."""
    rules = {rule.id: [rule.title[each] for each in LANGUAGES] for rule in site.catalogue.rules.values()}
    pages = _titles(page for page in published if not page.meta.keys() & {"rule", "robots"})
    return json.dumps({"rules": rules, "pages": pages}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _titles(pages: Iterable[Page]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for page in pages:
        address = f"{page.name}/".removesuffix("index/") if page.name != "index" else ""
        titles = found.setdefault(address, ["", ""])
        titles[LANGUAGES.index(page.language)] = str(page.meta.get("title") or page.sections[0].title)
    return found


def _below(path: str, language: Language) -> str:
    return path if language == "ko" else f"{language}/{path}"


def _escaped(text: str) -> str:
    return html.escape(" ".join(text.split()))
