"""The list of editions that the version menu of the English pages asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from apparch.pages.errors import PageError


def write_edition_menus(folder: Path) -> int:
    """For each edition write the list that its English pages' version menu asks for; the number of lists written.

    Material looks for `versions.json` above a site's root. mike writes it above each edition, where the Korean site
    finds it; the English site's root lies in the edition, one folder lower, and calls itself `en`.

    Raises:
        PageError: the folder holds no list of editions.
    """
    listed = folder / "versions.json"
    if not listed.is_file():
        raise PageError(f"{folder}: holds no versions.json; deploy an edition with mike first")
    editions = json.loads(listed.read_text("utf-8"))
    count = 0
    for edition in editions:
        # An edition from before has its English pages in one site with the Korean ones, and finds mike's list.
        for name in (edition["version"], *edition["aliases"]):
            if (folder / name / "en/search/search_index.json").is_file():
                menu = [_seen_from_english(other, own=other is edition) for other in editions]
                (folder / name / "versions.json").write_text(json.dumps(menu, ensure_ascii=False), "utf-8")
                count += 1
    return count


def _seen_from_english(edition: dict[str, Any], *, own: bool) -> dict[str, Any]:
    aliases = [*edition["aliases"], *(["en"] if own else [])]
    return {"version": f"../{edition['version']}/en", "title": edition["title"], "aliases": aliases}
