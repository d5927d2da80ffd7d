"""Whether each page of the built site speaks its own language."""

from __future__ import annotations

import re
from pathlib import Path

from bs4 import BeautifulSoup

# The Korean site's name for itself, in the menu that leads to it.
KOREAN_IN_ENGLISH = {"한국어"}


def test_no_english_page_holds_a_korean_word(built: Path) -> None:
    """Text, labels and tooltips of an English page are English, but for the name of the other language, what is marked
    as Korean, the 404 page's script, which serves both, and the code of examples."""
    found = {
        (file.parent.relative_to(built).as_posix(), words.strip())
        for file in (built / "en").rglob("*.html")
        if file.relative_to(built).parts[1] != "source"
        for words in re.findall(r"[^<>\"\n]*[가-힣][^<>\"\n]*", _unmarked(file))
        if words.strip() not in KOREAN_IN_ENGLISH
    }

    assert set() == found


def test_no_page_asks_for_a_style_sheet_twice(built: Path) -> None:
    """What a plugin adds for one language is not there twice in the other."""
    twice = []
    for file in built.glob("**/index.html"):
        sheets = [
            str(link["href"])
            for link in BeautifulSoup(file.read_text("utf-8"), "lxml").select("head link[rel=stylesheet]")
        ]
        if len(sheets) != len(set(sheets)):
            twice.append(file.relative_to(built).as_posix())

    assert [] == twice


def _unmarked(file: Path) -> str:
    page = re.sub(r"(?s)<pre\b.*?</pre>|<span lang=\"?ko\"?>.*?</span>", "", file.read_text("utf-8"))
    return re.sub(r"(?s)<script type=\"?module\"?>.*?</script>", "", page) if file.name == "404.html" else page
