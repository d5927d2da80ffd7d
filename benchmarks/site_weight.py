"""`python -m benchmarks.site_weight`: what a page of the site weighs and how soon it is there, beside an older site.

Pages are served with gzip, as any host would, and opened in Chromium with an empty cache, each several times in turns:
on this machine as it is, and as on a phone (390 px, a processor four times slower, 9 Mbit/s). Bytes are all that the
phone asks for until it is quiet and before anybody searches or scrolls: a diagram brings Mermaid, some 700 KB, where it
is seen. Where Node is there, Lighthouse judges the same pages by
its own phone; it is fetched by npx at the version named here.

    APPARCH_BEFORE=fea1756 ./dev bench site_weight
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import mimetypes
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks._report import write
from playwright.sync_api import Browser, sync_playwright

from apparch.pages.proved.judges.mermaid import FLAGS

ROOT = Path(__file__).parents[1]
LIGHTHOUSE = "lighthouse@13.5.0"
RUNS = 3
PHONE = {"offline": False, "latency": 40, "downloadThroughput": 9e6 / 8, "uploadThroughput": 9e6 / 8}
SLOWER = 4
KILO = 1024
# A page's name in both languages, where it is, where the same text was when a document was one page, its bound in KB.
PAGES = (
    (("홈", "Home"), "/", "/", 120),
    (("App 문서 6장", "App document, chapter 6"), "/arch/k8s_app_architecture/6/", "/arch/k8s_app_architecture/", 350),
    (
        ("App 문서 6장의 영어", "the same in English"),
        "/en/arch/k8s_app_architecture/6/",
        "/en/arch/k8s_app_architecture/",
        350,
    ),
    (("규칙 IMG002", "Rule IMG002"), "/rules/IMG002/", "/rules/IMG002/", 120),
)
COLUMNS = {
    "ko": ["쪽", "KB", "요소", "title", "열림(초)", "휴대전화(초)", "Lighthouse"],
    "en": ["Page", "KB", "Elements", "Titles", "Loaded (s)", "On a phone (s)", "Lighthouse"],
}
COUNT = """() => ({
  elements: document.querySelectorAll("*").length,
  titles: document.querySelectorAll("[title]").length,
  loaded: performance.getEntriesByType("navigation")[0].loadEventEnd / 1000,
})"""


class _Host(http.server.SimpleHTTPRequestHandler):
    """Serves a built site compressed."""

    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        """Answer one connection; a browser that closes it early is none of ours."""
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        body = gzip.compress(file.read_bytes()) if file.is_file() else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", mimetypes.guess_type(file.name)[0] or "application/octet-stream")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """A built site's address while it is served."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Host, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def opened(browser: Browser, address: str, *, phone: bool) -> dict[str, float]:
    """What one visit with an empty cache weighs and how long it takes."""
    context = browser.new_context(viewport={"width": 390 if phone else 1280, "height": 800})
    page = context.new_page()
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    if phone:
        client.send("Network.emulateNetworkConditions", PHONE)
        client.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    received: list[float] = []
    client.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle", timeout=180_000)
    page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0", timeout=180_000)
    found: dict[str, float] = page.evaluate(COUNT)
    context.close()
    return found | {"bytes": sum(received)}


def judged(address: str) -> Mapping[str, int]:
    """Lighthouse's four figures; empty where Node or the package is not to be had."""
    npx, chromium = shutil.which("npx"), shutil.which("chromium")
    if not npx or not chromium:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [npx, "--yes", LIGHTHOUSE, address, "--quiet", "--output", "json", "--output-path", str(report)]
        command.append("--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic")
        environ = {**os.environ, "CHROME_PATH": chromium}
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode or not report.is_file():
            print(f"Lighthouse did not judge {address}: {done.stderr.strip()[-200:]}", file=sys.stderr)
            return {}
        found = json.loads(report.read_text("utf-8"))["categories"]
    names = ("performance", "accessibility", "best-practices", "seo")
    return {name: round(found[name]["score"] * 100) for name in names if found.get(name, {}).get("score") is not None}


def measure(sites: Mapping[str, Path]) -> dict[str, list[dict[str, Any]]]:
    """For each site each page's figures, the lowest of the runs; Lighthouse's the best of them."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in sites}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=FLAGS)
        for _, now, then, _ in PAGES:
            runs: dict[str, list[dict[str, Any]]] = {name: [] for name in sites}
            for _ in range(RUNS):
                for name, site in sites.items():
                    with served(site) as host:
                        address = host + (then if name == "before" else now)
                        run = opened(browser, address, phone=False)
                        slow = opened(browser, address, phone=True)
                        both = {"loaded": run["loaded"], "phone": slow["loaded"]}
                        runs[name].append({**slow, **both, "lighthouse": judged(address)})
            for name, all_runs in runs.items():
                lowest = {key: min(run[key] for run in all_runs) for key in all_runs[0] if key != "lighthouse"}
                best = max((run["lighthouse"] for run in all_runs), key=lambda each: each.get("performance", 0))
                found[name].append({**lowest, "lighthouse": best})
        browser.close()
    return found


@contextmanager
def built_before(commit: str) -> Iterator[Path]:
    """The site of an older commit, built in a tree of its own."""
    with tempfile.TemporaryDirectory(prefix="site-weight-") as folder:
        tree, site = Path(folder, "tree"), Path(folder, "site")
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], cwd=ROOT, check=True)
        try:
            environ = {**os.environ, "APPARCH_VENV": sys.prefix, "PYTHONPATH": str(tree / "src")}
            subprocess.run(["./dev", "build", "--quiet", "--site-dir", str(site)], cwd=tree, env=environ, check=True)
            yield site
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


def main() -> int:
    """Print and write the table; 1 where a page weighs more than the project allows."""
    site, commit = ROOT / "site", os.environ.get("APPARCH_BEFORE")
    if not (site / "index.html").is_file():
        print("the site is not built: run ./dev build", file=sys.stderr)
        return 2
    if commit:
        with built_before(commit) as before:
            found = measure({"before": before, "now": site})
    else:
        found = measure({"now": site})
    rows = [
        row(title, commit if name == "before" else None, figures[index])
        for index, (title, *_) in enumerate(PAGES)
        for name, figures in found.items()
    ]
    write("site_weight", COLUMNS, rows, before=commit, **found)
    for each in rows:
        print(each[0]["en"], *each[1:], sep="  ")
    heavy = [
        title[1]
        for (title, _, _, most), figures in zip(PAGES, found["now"], strict=True)
        if figures["bytes"] > most * KILO
    ]
    for name in heavy:
        print(f"{name} weighs more than it may")
    return int(bool(heavy))


def row(title: tuple[str, str], commit: str | None, figures: Mapping[str, Any]) -> list[Any]:
    """A line of the table."""
    beside = f" ({commit})" if commit else ""
    return [
        {"ko": title[0] + beside, "en": title[1] + beside},
        round(figures["bytes"] / KILO),
        round(figures["elements"]),
        round(figures["titles"]),
        f"{figures['loaded']:.1f}",
        f"{figures['phone']:.1f}",
        " / ".join(str(value) for value in figures["lighthouse"].values()) or "-",
    ]


if __name__ == "__main__":
    sys.exit(main())
