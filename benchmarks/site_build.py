"""`python -m benchmarks.site_build`: what `./dev build` costs beside plain Material builds of the same pages.

Cost is CPU seconds, children included, the lowest of several runs each, taken in turns. The plain build has the same
theme, Markdown extensions and navigation, and Material's own search; it has none of our plugins. Both run in an
environment with what the site needs alone, as `./dev build` makes it on a fresh machine.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from benchmarks._report import write

ROOT = Path(__file__).parents[1]
MOST = 1.25
RUNS = 3
SAME = ("site_name", "site_url", "exclude_docs", "theme", "extra_css", "extra_javascript", "nav", "markdown_extensions")
COLUMNS = {"ko": ["빌드", "CPU 초", "비율"], "en": ["Build", "CPU seconds", "Ratio"]}
QUIET = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}


class _Tagged:
    """A value behind a tag that only MkDocs understands, kept as it stands."""

    def __init__(self, node: yaml.Node) -> None:
        self.node = node


class _Loader(yaml.SafeLoader):
    """Reads mkdocs.yml without running its tags."""


class _Dumper(yaml.SafeDumper):
    """Writes them back."""


_Loader.add_multi_constructor("!", lambda _, __, node: _Tagged(node))
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda _, __, node: _Tagged(node))
_Dumper.add_representer(_Tagged, lambda _, value: value.node)


def plain_configuration(language: str, folder: Path) -> str:
    """A language's configuration as it would be without any of our plugins, over the expanded pages.

    What a page asks for of our theme is Material's own page there, by a template that is written into the folder.
    """
    theme = folder / "theme"
    theme.mkdir(exist_ok=True)
    (theme / "print.html").write_text('{% extends "main.html" %}', "utf-8")
    ours: Mapping[str, Any] = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Loader=_Loader)
    plain = {key: ours[key] for key in SAME if key in ours}
    plain["theme"] = plain["theme"] | {"custom_dir": str(theme)}
    plain |= {"docs_dir": str(ROOT / "build/pages" / language), "not_in_nav": "*.md", "plugins": ["search"]}
    return yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False)


def cost(command: list[str], venv: Path) -> float:
    """CPU seconds of a command and its children.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environ = {**os.environ, **QUIET, "APPARCH_VENV": str(venv)}
    subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(folder: Path) -> dict[str, float]:
    """The lowest cost of each build."""
    # `./dev` makes it where there is none, with the site's requirements and nothing of the tests'.
    requirements = hashlib.sha256((ROOT / "requirements/site.txt").read_bytes()).hexdigest()
    venv = ROOT / f"build/site-venv-{requirements[:8]}"
    mkdocs, plain = str(venv / "bin/mkdocs"), []
    for language, place in (("ko", folder / "plain"), ("en", folder / "plain/en")):
        configuration = folder / f"{language}.yml"
        configuration.write_text(plain_configuration(language, folder), "utf-8")
        plain.append([mkdocs, "build", "--quiet", "--config-file", str(configuration), "--site-dir", str(place)])
    builds = {
        "ours": ["./dev", "build", "--site-dir", str(folder / "ours")],
        "plain": ["sh", "-c", " && ".join(shlex.join(command) for command in plain)],
    }
    costs: dict[str, list[float]] = {name: [] for name in builds}
    for _ in range(RUNS):
        for name, command in builds.items():
            costs[name].append(cost(command, venv))
    return {name: min(found) for name, found in costs.items()}


def main() -> int:
    """Print the ratio and write it; 1 if it is above what the project allows."""
    with tempfile.TemporaryDirectory(prefix="site-build-") as place:
        # The first build of ours brings build/pages up to date, which the plain one then reads.
        figures = measure(Path(place))
        same = _pages(Path(place) / "ours"), _pages(Path(place) / "plain")
    ratio = figures["ours"] / figures["plain"]
    rows = [
        ["./dev build", f"{figures['ours']:.1f}", f"{ratio:.2f}"],
        ["Material", f"{figures['plain']:.1f}", "1"],
    ]
    write("site_build", COLUMNS, rows, **figures, ratio=ratio, pages_ours=same[0], pages_plain=same[1])
    print(f"./dev build costs {ratio:.2f} of a plain build of the same pages; at most {MOST} is allowed")
    return int(ratio > MOST)


def _pages(site: Path) -> int:
    return sum(1 for file in site.rglob("*.html") if "source" not in file.relative_to(site).parts)


if __name__ == "__main__":
    sys.exit(main())
