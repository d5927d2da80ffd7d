"""`python -m benchmarks.zensical [PROGRAM]`: whether Zensical makes the same site as MkDocs from the expanded pages.

PROGRAM is a zensical of any version, in an environment of its own with mkdocstrings-python. It builds each language's
folder as `./dev build` left it; then every address of the MkDocs site and every anchor of its articles is looked for.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from benchmarks._report import write
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "build/zensical/bin/zensical"
INSTALL = "python3 -m venv build/zensical && build/zensical/bin/pip install zensical mkdocstrings-python"
LANGUAGES = {"ko": "mkdocs.yml", "en": "mkdocs.en.yml"}
COLUMNS = {
    "ko": ["언어", "주소", "없는 주소", "앵커", "없는 앵커"],
    "en": ["Language", "Addresses", "Missing", "Anchors", "Missing anchors"],
}


def main() -> int:
    """Print what the other site lacks; 1 where it lacks anything, so that the day of moving is seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path, nargs="?", default=PROGRAM)
    program = parser.parse_args().program.absolute()
    if not program.is_file():
        print(f"not compared: {program} is missing; make it with `{INSTALL}`")
        return int(program != PROGRAM)
    rows, lacking = [], []
    with tempfile.TemporaryDirectory(prefix="zensical-", dir=ROOT / "build") as place:
        for language, configuration in LANGUAGES.items():
            theirs = Path(place, language)
            build(program, configuration, theirs)
            ours = ROOT / "site" if language == "ko" else ROOT / "site" / language
            addresses = [file.relative_to(ours) for file in pages(ours, language)]
            missing = [address for address in addresses if not (theirs / address).is_file()]
            anchors, lost = 0, []
            for address in (address for address in addresses if address not in missing):
                here, there = ids(ours / address), ids(theirs / address)
                anchors += len(here)
                lost += [f"{address}#{anchor}" for anchor in sorted(here - there)]
            lacking += [str(address) for address in missing] + lost
            rows.append([language, *map(str, (len(addresses), len(missing), anchors, len(lost)))])
    write("zensical", COLUMNS, rows, lacking=lacking)
    for line in lacking:
        print(line)
    print(f"{len(lacking)} addresses and anchors are missing")
    return int(bool(lacking))


def build(program: Path, configuration: str, into: Path) -> None:
    """Build one language's folder with Zensical.

    Raises:
        subprocess.CalledProcessError: it did not build.
    """
    settings = {
        "INHERIT": configuration,
        "docs_dir": f"build/pages/{into.name}",
        "site_dir": str(into.relative_to(ROOT)),
        "plugins": {"apparch": {"enabled": False}},
    }
    # It reads and writes only below the folder of its configuration.
    with tempfile.NamedTemporaryFile("w", dir=ROOT, prefix="zensical-", suffix=".yml") as file:
        file.write(yaml.safe_dump(settings))
        file.flush()
        subprocess.run([program, "build", "--config-file", file.name], cwd=ROOT, check=True)


def pages(site: Path, language: str) -> list[Path]:
    """The pages of one language's site; the Korean one has the English one inside."""
    inside = site / "en" if language == "ko" else None
    return [file for file in sorted(site.rglob("*.html")) if inside is None or not file.is_relative_to(inside)]


def ids(file: Path) -> set[str]:
    """The anchors of a page's article."""
    return {str(element["id"]) for element in BeautifulSoup(file.read_text("utf-8"), "lxml").select("article [id]")}


if __name__ == "__main__":
    sys.exit(main())
