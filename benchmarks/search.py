"""`python -m benchmarks.search`: what the search finds, weighs and takes, beside Material's own over the same pages.

Every committed question is typed into the search box of both sites in a real browser. Material's own counts a result as
right among the first three whichever of its links leads there. The time is from the first key that a fresh browser sees
to the first result. The phone is as wide as one, has a network of 9 Mbit/s, and the process of its page, the worker's
too, is held still for three quarters of the time: the browser's own throttle slows the page's main thread only.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import itertools
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from benchmarks._report import write
from benchmarks.site_build import QUIET, plain_configuration
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import TimeoutError as NothingShownError
from tests.site.questions import Counted, Question, count, questions
from tests.tools import require_tool

from apparch.catalogue import LANGUAGES, Language, Text
from apparch.pages.proved.judges.mermaid import FLAGS

ROOT = Path(__file__).parents[1]
PARTS = ("tuned", "held_out", "unseen", "fresh", "later", "asked", "public", "last")
HOME: dict[Language, str] = {"ko": "/", "en": "/en/"}
FIRST_KEY: dict[Language, str] = {"ko": "태", "en": "k"}
RUNS = 3
SLOWER = 4
SLICE_SECONDS = 0.02
MOST_SECONDS = 1.0
LEAST_FIRST, LEAST_THREE = 0.80, 0.97
MBIT = 9
COLUMNS = {"ko": ["측정", "Material", "이 사이트"], "en": ["Measured", "Material", "This site"]}
NAMES: dict[Language, dict[Language, str]] = {
    "ko": {"ko": "한국어", "en": "Korean"},
    "en": {"ko": "영어", "en": "English"},
}
FOUND = """all => all.map(item => [...item.querySelectorAll('a')].map(a => {
  const { pathname, hash } = new URL(a.href)
  return pathname + hash
}))"""
TIMED = """() => {
  const box = document.querySelector('.md-search__input')
  box.addEventListener('keydown', () => {
    const from = performance.now()
    new MutationObserver((_, watch) => {
      if (!document.querySelector('.md-search-result__item')) return
      watch.disconnect()
      window.firstResult = performance.now() - from
    }).observe(document.querySelector('.md-search-result__list'), { childList: true, subtree: true })
  }, { once: true })
}"""


def main() -> int:
    """Print and write the figures; 1 if the search finds less, or takes longer, than the project demands."""
    with tempfile.TemporaryDirectory(prefix="search-") as place, sync_playwright() as driver:
        sites = {"material": Path(place) / "material", "ours": Path(place) / "ours"}
        build(sites["ours"], sites["material"], Path(place))
        chromium = require_tool("chromium")
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        figures = {name: measure(browser, folder) for name, folder in sites.items()}
        browser.close()
    rows: list[list[Any]] = [
        [{"ko": what.ko, "en": what.en}, *(str(figures[name][key]) for name in sites)]
        for key, what in _titles().items()
    ]
    ours = figures["ours"]
    good = all(_good(ours, language) for language in LANGUAGES)
    write("search", COLUMNS, rows)
    for row in rows:
        print(" | ".join(map(str, row)))
    return int(not good)


def build(ours: Path, plain: Path, folder: Path) -> None:
    """Build this site, and the same pages with Material alone.

    Raises:
        subprocess.CalledProcessError: a build failed.
    """
    environ = {**os.environ, **QUIET}
    subprocess.run(["./dev", "build", "--site-dir", str(ours)], cwd=ROOT, env=environ, check=True, capture_output=True)
    for language, place in (("ko", plain), ("en", plain / "en")):
        configuration = folder / f"{language}.yml"
        configuration.write_text(plain_configuration(language, folder), "utf-8")
        command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", str(configuration)]
        subprocess.run([*command, "--site-dir", str(place)], cwd=ROOT, env=environ, check=True, capture_output=True)


def measure(browser: Browser, site: Path) -> dict[tuple[str, Language], Any]:
    """All figures of a site, by their names and languages."""
    found: dict[tuple[str, Language], Any] = {}
    with served(site) as address:
        for language in LANGUAGES:
            home = f"{address}{HOME[language]}"
            asked = questions(language)
            shown = ask_all(browser, home, asked)
            for part in PARTS:
                own = [each for each in zip(asked, shown, strict=True) if each[0].part == part]
                found[part, language] = _Shares(count([q for q, _ in own], [s for _, s in own]))
            found["all", language] = _Shares(count(asked, shown))
            found["index", language] = _kilobytes(_index(site / HOME[language].strip("/")))
            found["before", language] = _kilobytes(weigh(browser, home, site))
            found["desktop", language] = _Seconds(first_results(browser, home, language))
            found["phone", language] = _Seconds(first_results(browser, home, language, phone=True))
    return found


def ask_all(browser: Browser, home: str, asked: Sequence[Question]) -> list[list[list[str]]]:
    """For each question the links of every result, as the dialog shows them."""
    page = browser.new_page()
    page.goto(home)
    box = page.locator(".md-search__input")
    box.click()
    shown: list[list[list[str]]] = []
    for question in asked:
        # What is shown now must be gone before what comes can be told from it.
        box.fill("")
        box.press("End")
        page.wait_for_function("!document.querySelector('.md-search-result__item')", timeout=60000)
        meta = page.inner_text(".md-search-result__meta")
        box.fill(question.ask)
        # Typing Hangul sends no keyup of its own.
        box.press("End")
        # The index may take its time; after that, Material's own search says nothing at all to what lunr cannot parse.
        with suppress(NothingShownError) if shown else nullcontext():
            page.wait_for_function(
                "meta => document.querySelector('.md-search-result__item')"
                " || document.querySelector('.md-search-result__meta').innerText !== meta",
                arg=meta,
                timeout=5000 if shown else 60000,
            )
        shown.append(page.eval_on_selector_all(".md-search-result__item", FOUND))
    page.close()
    return shown


def first_results(browser: Browser, home: str, language: Language, *, phone: bool = False) -> float:
    """Seconds from the first key to the first result, the median of several fresh browsers."""
    times = []
    for _ in range(RUNS):
        context = browser.new_context(viewport={"width": 390, "height": 844} if phone else None)
        page = context.new_page()
        client = context.new_cdp_session(page)
        if phone:
            bytes_per_second = MBIT * 1_000_000 / 8
            rates = {"downloadThroughput": bytes_per_second, "uploadThroughput": bytes_per_second}
            client.send("Network.enable")
            client.send("Network.emulateNetworkConditions", {"offline": False, "latency": 40, **rates})
        page.goto(home, wait_until="load")
        with slowed(browser, SLOWER if phone else 1):
            if phone:
                page.click(".md-header label[for=__search]")
            else:
                page.locator(".md-search__input").click()
            page.evaluate(TIMED)
            page.locator(".md-search__input").press_sequentially(FIRST_KEY[language])
            page.locator(".md-search__input").press("End")
            page.wait_for_function("window.firstResult", timeout=120000)
            times.append(page.evaluate("window.firstResult") / 1000)
        context.close()
    return float(statistics.median(times))


@contextmanager
def slowed(browser: Browser, times: int) -> Iterator[None]:
    """Hold the browser's pages still for all but a part of the time."""
    if times == 1:
        yield
        return
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [int(each["id"]) for each in told if each["type"] == "renderer"]
    done = threading.Event()

    def hold() -> None:
        for signal_, seconds in itertools.cycle(
            ((signal.SIGSTOP, SLICE_SECONDS * (times - 1) / times), (signal.SIGCONT, SLICE_SECONDS / times))
        ):
            for page in pages:
                # One that the browser kept in reserve may be gone by now.
                with suppress(ProcessLookupError):
                    os.kill(page, signal_)
            time.sleep(seconds)
            if signal_ == signal.SIGCONT and done.is_set():
                return

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        yield
    finally:
        done.set()
        holder.join()


def weigh(browser: Browser, home: str, site: Path) -> int:
    """Compressed bytes of all that a page asks for before its search is touched."""
    page = browser.new_page()
    files: set[Path] = set()
    page.on("request", lambda request: files.add(_file(request.url, site)))
    page.goto(home, wait_until="networkidle")
    page.close()
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files if file.is_file())


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a folder, served as it would be published: compressed."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Compressed, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


class _Compressed(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            self.send_error(404)
            return
        body = gzip.compress(file.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(file))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Shares:
    """How many questions the first result answers, and the first three."""

    def __init__(self, counted: Counted) -> None:
        self.first = counted.first / counted.asked
        self.three = counted.three / counted.asked

    def __str__(self) -> str:
        return f"{self.first:.1%}, {self.three:.1%}"


class _Seconds(float):
    def __str__(self) -> str:
        return f"{self:.2f}"


def _titles() -> dict[tuple[str, Language], Any]:
    said = {
        "all": Text("모든 질문: 첫째가 맞음, 셋 안에 맞음", "all questions: the first is right, one of three is"),
        "tuned": Text("조율에 쓴 질문", "questions that it was tuned with"),
        "held_out": Text("남겨 둔 질문", "questions held out"),
        "unseen": Text("별칭을 쓴 뒤에 지은 질문", "questions written after the aliases"),
        "fresh": Text("네 부류의 독자로서 지은 질문", "questions asked as each of the four readers"),
        "later": Text("그 뒤에 지은 질문", "questions written after that"),
        "asked": Text("규칙의 문장만 보고 지은 질문", "questions written from the rules' sentences alone"),
        "public": Text("공개된 이슈와 글의 제목", "titles of public issues and articles"),
        "last": Text("마지막에 지어 아무것도 바꾸지 않은 질문", "questions written last, which changed nothing"),
        "index": Text("색인 KB (gzip)", "index, KB (gzip)"),
        "before": Text("검색을 건드리기 전의 홈 KB (gzip)", "home before the search is touched, KB (gzip)"),
        "desktop": Text("첫 글쇠에서 첫 결과까지 초", "first key to first result, seconds"),
        "phone": Text("휴대전화에서 첫 글쇠에서 첫 결과까지 초", "the same on a phone, seconds"),
    }
    return {
        (name, language): Text(f"{NAMES[language]['ko']}, {text.ko}", f"{NAMES[language]['en']}, {text.en}")
        for language in LANGUAGES
        for name, text in said.items()
    }


def _good(figures: dict[tuple[str, Language], Any], language: Language) -> bool:
    shares = figures["all", language]
    fast = figures["desktop", language] <= MOST_SECONDS
    return bool(fast and shares.first >= LEAST_FIRST and shares.three >= LEAST_THREE)


def _index(root: Path) -> int:
    file = root / "search/places.json"
    file = file if file.exists() else root / "search/search_index.json"
    return len(gzip.compress(file.read_bytes(), 9))


def _kilobytes(size: int) -> str:
    return f"{size / 1000:.0f}"


def _file(url: str, site: Path) -> Path:
    path = unquote(urlsplit(url).path)
    file = site / path.strip("/")
    return file / "index.html" if file.is_dir() else file


if __name__ == "__main__":
    sys.exit(main())
