"""Whether a search leads readers where they want to go, and costs nothing before they use it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request
from tests.site.questions import count, leads_to, questions

from apparch.catalogue import LANGUAGES, Language
from apparch.pages.written.search_words import load_search_words

ROOT = Path(__file__).parents[2]
HOME: dict[Language, str] = {"ko": "/", "en": "/en/"}

# The worker's own modules, in a page: what it posts for each of the queries.
ANSWER = """async queries => {
  const [{ index }, { shown }] = await Promise.all(
    ["engine", "shown"].map(name => import(new URL(`assets/javascripts/search/${name}.js`, document.baseURI))))
  const ix = index(await (await fetch("search/places.json")).json())
  return queries.map(query => shown(query, ix))
}"""
STEMS = """async words => {
  const { termsOf } = await import(new URL("assets/javascripts/search/words.js", document.baseURI))
  return words.map(word => termsOf(word)[0])
}"""


def answers(page: Page, language: Language, queries: Sequence[str]) -> list[Any]:
    """What the search of a language shows for each query."""
    page.goto(HOME[language])
    found: list[Any] = page.evaluate(ANSWER, list(queries))
    return found


def locations(answer: Any) -> list[str]:
    """The addresses of what is shown, the best first."""
    return [item["location"] for group in answer["items"] for item in group]


def type_in(page: Page, query: str) -> None:
    """Open the search and type."""
    phone = page.viewport_size is not None and page.viewport_size["width"] < 960
    page.click(".md-header__button[for=__search]" if phone else ".md-search__input")
    page.locator(".md-search__input").fill(query)


@pytest.mark.parametrize("language", LANGUAGES)
def test_readers_are_led_where_they_want_to_go(page: Page, language: Language) -> None:
    """Of the committed questions nine in ten are answered by the first place shown, nearly all by the first three."""
    asked = questions(language)

    shown = answers(page, language, [question.ask for question in asked])

    counted = count(
        asked, [[group[:1] for group in ([item["location"]] for item in _flat(answer))] for answer in shown]
    )
    missed = [
        question.ask
        for question, answer in zip(asked, shown, strict=True)
        if not any(leads_to(at, place) for at in locations(answer)[:3] for place in question.find)
    ]
    assert 150 <= counted.asked
    assert 0.9 <= counted.first / counted.asked
    assert 0.97 <= counted.three / counted.asked, missed


def _flat(answer: Any) -> list[Any]:
    return [item for group in answer["items"] for item in group]


def test_korean_words_lose_what_follows_them(page: Page) -> None:
    """Particles and endings are taken from a word, and what only looks like one is left."""
    wanted = {
        "롤백은": "롤백",
        "태그를": "태그",
        "레포에서는": "레포",
        "배포하려면": "배포",
        "배포된다": "배포",
        "늘린다": "늘리",
        "늘리기": "늘리",
        "늘려야": "늘리",
        "바꿔야": "바꾸",
        "떴는데": "뜨",
        "사라졌어요": "사라지",
        "죽으면": "죽",
        "앱을": "앱",
        "게이트웨이랑": "게이트웨이",
        "서버도": "서버",
        "차이": "차이",
        "재시도": "재시도",
        "이미지": "이미지",
        "왜": "이유",
    }
    page.goto("/")

    assert wanted == dict(zip(wanted, page.evaluate(STEMS, list(wanted)), strict=True))


def test_both_spellings_of_english_have_one_stem(page: Page) -> None:
    """What the texts write as the British do is found as Americans write it."""
    pairs = {"initialisation": "initialization", "behaviour": "behavior", "artefact": "artifact", "labelled": "labeled"}
    page.goto("/")

    assert page.evaluate(STEMS, list(pairs)) == page.evaluate(STEMS, list(pairs.values()))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("이미지태그불변", "rules/IMG00"),
        ("img002", "rules/IMG002/"),
        ("shd 11", "rules/SHD011/"),
        ("도커", "rules/"),
        ("도컼", "rules/"),
        ("kub", "rules/"),
        ("확장이 되는 kubectl apply", "rules/"),
    ],
)
def test_a_word_need_not_be_whole(page: Page, query: str, first: str) -> None:
    """An ID in any form, the beginning of a word, a syllable that is still composed, a word that stands nowhere."""
    assert locations(answers(page, "ko", [query])[0])[0].startswith(first)


def test_a_missing_word_is_told(page: Page) -> None:
    """It hides nothing, and the places that have it stand before."""
    [answer] = answers(page, "en", ["kubectl apply zzzzqqqq"])

    assert {"rules/OWN014/", "rules/WFL001/"} <= {*locations(answer)[:3]}
    assert all(item["terms"]["zzzzqqqq"] is False for item in _flat(answer))


def test_a_rule_stands_before_the_section_that_speaks_of_it(page: Page) -> None:
    """A section is a place of its own, below the rules that it is about."""
    [answer] = answers(page, "en", ["immutable tags"])

    assert "rules/IMG002/" == locations(answer)[0]
    assert any(leads_to(at, "arch/k8s_app_architecture#4-2") for at in locations(answer)[:8])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_looked_in_that_no_reader_looks_for(built: Path, language: Language) -> None:
    """Neither texts of buttons and badges nor names of tests nor markup."""
    index = (built / HOME[language].strip("/") / "search/places.json").read_text("utf-8")
    # The page about quoting rules names its button.
    places = [place for place in json.loads(index)["places"] if not place["at"].startswith("review/")]

    said = json.dumps(places, ensure_ascii=False)
    assert [] == re.findall(r"::test_|Copy reference|인용 복사|</?(?:abbr|span|div)|\]\(|(?<!\{)\{ ?[.#:]|\ue000", said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_exists(built: Path, language: Language) -> None:
    """Each address of the index is a page of its language, with the section that it names."""
    root = built / HOME[language].strip("/")
    ids: dict[str, set[str]] = {}
    missing = []
    for place in json.loads((root / "search/places.json").read_text("utf-8"))["places"]:
        page, _, section = place["at"].partition("#")
        if page not in ids:
            ids[page] = set(re.findall(r' id="?([^"\s>]+)', (root / page / "index.html").read_text("utf-8")))
        if section and section not in ids[page]:
            missing.append(place["at"])

    assert [] == missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_named_chapter_and_section_exists(built: Path, language: Language) -> None:
    """What readers call a place is of use only where the place is in the index."""
    index = json.loads((built / HOME[language].strip("/") / "search/places.json").read_text("utf-8"))
    there = {place["at"].removesuffix("/").replace("/#", "#") for place in index["places"]}

    assert set() == {*load_search_words(ROOT).names[language]} - there


def test_the_search_is_loaded_when_it_is_touched(page: Page) -> None:
    """A page that is only read asks for no index and no engine; the first focus asks for both."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(_path(request)))
    page.goto("/", wait_until="networkidle")
    before = [path for path in asked if "places" in path or "javascripts/search/" in path]

    with page.expect_request("**/search/places.json"):
        page.locator(".md-search__input").focus()

    assert [] == before
    page.wait_for_function("document.querySelector('.md-search-result__meta').textContent.includes('입력')")


def _path(request: Request) -> str:
    return request.url


@pytest.mark.parametrize("path", ["/", "/en/", "/404.html"])
def test_results_are_shown_as_they_are_typed(page: Page, path: str) -> None:
    """A rule is the first result, and is read with its sentence and the name that it was found by."""
    page.goto(path)
    type_in(page, "kubectl apply")

    first = page.locator(".md-search-result__link").first
    first.wait_for()

    root = "/" if path == "/404.html" else path
    assert first.get_attribute("href").split("?")[0].endswith((f"{root}rules/WFL001/", f"{root}rules/OWN014/"))  # type: ignore[union-attr]
    assert "kubectl apply" in first.inner_text()
    assert page.locator(".md-search-result__meta").inner_text().split()[0].strip("개의").isdigit()


def test_a_results_words_are_marked_where_it_leads(page: Page) -> None:
    """Enter opens the first result, a section at its heading, with what was asked for marked."""
    page.goto("/")
    type_in(page, "k3s를 고른 이유")
    page.wait_for_selector(".md-search-result__link")
    page.keyboard.press("Enter")
    page.wait_for_selector("article mark")

    assert leads_to(page.url, "arch/k8s_architecture#6")
    assert "k3s" in page.locator("article mark").all_inner_texts()


def test_what_stands_nowhere_has_no_result(page: Page) -> None:
    """It is said, and nothing is shown."""
    page.goto("/en/")
    type_in(page, "qqqqzzzz")
    page.wait_for_function("document.querySelector('.md-search-result__meta').textContent.startsWith('No ')")

    assert 0 == page.locator(".md-search-result__item").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_open_search_is_accessible(page: Page, width: int, scheme: Any) -> None:
    """axe finds nothing in the dialog with its results, on a phone and on a desk."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/")
    type_in(page, "태그")
    page.wait_for_selector(".md-search-result__item:nth-child(5)")
    page.wait_for_timeout(400)

    results = Axe().run(page, context=".md-search")

    assert [] == [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in results.response["violations"]]


@pytest.mark.parametrize("name", ["mermaid", "minisearch", "stemmer"])
def test_a_vendored_library_is_what_its_note_says(name: str) -> None:
    """Its file has the digest that stands beside it."""
    folder = ROOT / "docs/assets/vendor" / name
    note = (folder / "VENDORED.txt").read_text("utf-8")
    digest = re.search(r"sha256 ([0-9a-f]{64})", note)

    assert digest
    assert [digest.group(1)] == [hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.js")]
    assert (folder / "LICENSE").is_file()
