"""Single edits to a copy of the repository: each turns its check red, with a message that names the place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from apparch.catalogue import CatalogueError, Text, load_catalogue
from apparch.pages.errors import PageError
from apparch.pages.expand import expand
from apparch.pages.promised import normative, parity, published
from apparch.pages.proofs import PASSED, Proofs, RuleProof
from apparch.pages.proved.judges.choice import fault
from apparch.pages.written.blocks import find_blocks
from apparch.pages.written.fences import find_fences
from apparch.pages.written.shown import all_blocks
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[2]
KO, EN = "docs/arch/k8s_app_architecture.md", "docs/arch/k8s_app_architecture.en.md"
HEALTH = "snippets/app/src/app/health.py"
LOGS = "snippets/examples/json_logs.py"
SERVICE = "snippets/deploy/k8s/base/services/app-svc.yaml"
TREE = "snippets/trees/app.ko.txt"
IMG = "src/apparch/catalogue/rules/IMG.yaml"
LEDGER = "docs/ledger.yaml"
APP = "arch/k8s_app_architecture"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's files as Git would hold them, everything confirmed and published."""
    root = tmp_path_factory.mktemp("copy")
    for name in ("mkdocs.yml", "conftest.py", "pyproject.toml", ".gitignore"):
        shutil.copy(ROOT / name, root)
    left_out = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis", "*.egg-info", "assets", "build")
    for name in ("docs", "snippets", "src"):
        shutil.copytree(ROOT / name, root / name, ignore=left_out)
    (root / "docs/assets").symlink_to(ROOT / "docs/assets")
    (root / "tests").symlink_to(ROOT / "tests")
    site = repository(root)
    published.publish(site)
    parity.confirm(site, ["all"])
    return root


def repository(root: Path) -> Site:
    """A repository's site with its own catalogue, as a run would leave it in which every rule was proved."""
    catalogue = load_catalogue(root / "src/apparch/catalogue/rules")
    tests = {
        rule.id: (RuleProof("t", rule.proof, PASSED),)
        for rule in catalogue.rules.values()
        if rule.proof != "review" and rule.id != "IMG003"
    }
    return replace(load_site(root), catalogue=catalogue, proofs=Proofs((), tests, recorded=True))


@contextmanager
def edited(root: Path, path: str, old: str, new: str) -> Iterator[None]:
    """A file with one text replaced, put back at the end."""
    file = root / path
    before = file.read_text("utf-8")
    assert old in before, f"{path} no longer holds {old!r}"
    file.write_text(before.replace(old, new, 1), "utf-8")
    try:
        yield
    finally:
        file.write_text(before, "utf-8")


def expansion(root: Path) -> list[str]:
    """What stops the pages from being published."""
    found = []
    try:
        site = repository(root)
        for page in site.pages:
            if page.document:
                expand(page, site)
    except (PageError, CatalogueError) as error:
        found.append(str(error))
    return found


def verdicts(path: str, root: Path) -> list[str]:
    """What the judges find wrong with the blocks of one snippet file."""
    blocks = [block for block in all_blocks(load_site(root)) if block.snippet.path == path]
    assert blocks, f"no page shows {path}"
    return [found for block in blocks if (found := fault(block, root))]


def on_site(check: Callable[[Site], list[str]]) -> Callable[[Path], list[str]]:
    """A check of the whole site as a check of a repository."""
    return lambda root: check(repository(root))


Check = Callable[[Path], list[str]]
HEADING = "### 4.2 불변 태그 정책 {#4-2}"
BELOW = "{#4-2}\n\n"
READY = f'```python\n--8<-- "{HEALTH}:ready"\n```'


# Each row: the edited file, the text, its replacement, the check, what its message must say.
EDITS: dict[str, tuple[str, str, str, Check, str]] = {
    "a deleted end of a section": (
        HEALTH,
        "# --8<-- [end:ready]\n",
        "",
        expansion,
        rf"^docs/{APP}(\.en)?\.md:\d+: {HEALTH}:\d+: section \[ready\] is never closed; "
        r"add --8<-- \[end:ready\]$",
    ),
    "a section twice": (
        HEALTH,
        "[start:startup]",
        "[start:ready]",
        expansion,
        rf"{HEALTH}:\d+: section \[ready\] stands twice",
    ),
    "a section renamed": (
        HEALTH,
        "[start:startup]",
        "[start:started]",
        expansion,
        rf"{HEALTH}:\d+: \[end:startup\] without its start",
    ),
    "a block in an HTML comment": (
        KO,
        READY,
        f"<!--\n{READY}\n-->",
        expansion,
        rf"^{KO}:\d+: a code block stands in an HTML comment, where no reader sees it; show it or delete it$",
    ),
    "code typed into a page": (
        KO,
        READY,
        "```python\nx = 1\n```",
        expansion,
        rf"^{KO}:\d+: 'x = 1' is no include",
    ),
    "a fence's language without a judge": (
        KO,
        READY,
        READY.replace("python", "text"),
        lambda root: judged(root, HEALTH),
        rf"^{KO}:\d+: no judge for text of {HEALTH}; use one of ",
    ),
    "a stale output": (
        LOGS,
        "#> 1\n",
        "#> 2\n",
        partial(verdicts, LOGS),
        rf"^{KO}:\d+: .*{LOGS}.*(?s:.*)#> 1",
    ),
    "a typo in a YAML key": (
        SERVICE,
        "targetPort",
        "targetport",
        partial(verdicts, SERVICE),
        rf"^docs/.*:\d+: {SERVICE}:1-\d+: Service/app: .*'targetport' was unexpected",
    ),
    "a removed line of a tree": (
        TREE,
        (ROOT / TREE).read_text("utf-8").split("\n")[3] + "\n",
        "",
        partial(verdicts, TREE),
        rf"^{KO}:\d+: {TREE}:3: snippets/app/\.github/workflows/build\.yml has no line; add it$",
    ),
    "a renamed heading id": (
        KO,
        HEADING,
        HEADING.replace("#4-2", "#tags"),
        on_site(published.missing),
        rf"^docs/{APP}: section #4-2 was published and is gone; restore its id$",
    ),
    "a renamed heading id, for its links": (
        KO,
        HEADING,
        HEADING.replace("#4-2", "#tags"),
        expansion,
        r"^docs/.*\.md:\d+: .*no section 4\.2 in ko$",
    ),
    "an English section left behind": (
        KO,
        BELOW,
        f"{BELOW}갈아 쓴 글로 시작한다. ",
        on_site(parity.unconfirmed),
        rf"^{APP}#4-2: the Korean text changed and the English did not; .* run \./dev confirm '{APP}#4-2'$",
    ),
    "a Korean section left behind": (
        EN,
        BELOW,
        f"{BELOW}Reworded. ",
        on_site(parity.unconfirmed),
        rf"^{APP}#4-2: the English text changed and the Korean did not; ",
    ),
    "a block on one side only": (
        EN,
        READY,
        "",
        on_site(parity.differences),
        rf"^docs/{APP}#6-1.*: includes differ: only in Korean \[.*{HEALTH}:ready.*\], only in English \[\]$",
    ),
    "a rule in one language's text only": (
        IMG,
        "버전 태그는 움직이지 않는다",
        "버전 태그는 그 자리에 있다",
        on_site(parity.unconfirmed),
        r"^IMG002: the Korean text changed and the English did not; ",
    ),
    "an orphan rule ID": (
        KO,
        BELOW,
        f"{BELOW}IMG099을 따른다. ",
        expansion,
        rf"^{KO}:\d+: IMG099: no such rule in the catalogue; correct the ID or add the rule$",
    ),
    "a policy without a rule": (
        EN,
        BELOW,
        f"{BELOW}Tags must be short. ",
        on_site(normative.unruled),
        rf"^{EN}:\d+: a sentence of policy without a rule; .*: Tags must be short\.$",
    ),
    "a broken wiki link": (
        KO,
        BELOW,
        f"{BELOW}[[k8s_sub_architecture.md]] 99.1절을 본다. ",
        expansion,
        rf"^{KO}:\d+: .*k8s_sub_architecture has no section 99\.1 in ko$",
    ),
    "a rule removed from the catalogue": (
        IMG,
        "id: IMG002",
        "id: IMG092",
        on_site(published.missing),
        r"^IMG002: was published and is gone; keep its page and say replaced_by in the catalogue$",
    ),
    "a removed rule, where a page names it": (
        IMG,
        "id: IMG002",
        "id: IMG092",
        expansion,
        r"^docs/.*\.md:\d+: IMG002: no such rule in the catalogue",
    ),
    "a new rule that is not published": (
        IMG,
        "id: IMG002",
        "id: IMG092",
        on_site(published.unpublished),
        r"^IMG092$",
    ),
    "a rule's level": (
        IMG,
        "level: MUST",
        "level: must",
        expansion,
        r"^IMG\.yaml: IMG001: level is 'must', allowed are MUST, SHOULD, MAY$",
    ),
}


def judged(root: Path, path: str) -> list[str]:
    """What stops the blocks of one snippet file from being judged."""
    try:
        return verdicts(path, root)
    except PageError as error:
        return [str(error)]


@pytest.mark.parametrize(("path", "old", "new", "check", "message"), EDITS.values(), ids=EDITS)
def test_an_edit_turns_its_check_red(copy: Path, path: str, old: str, new: str, check: Check, message: str) -> None:
    """The check has nothing to say before the edit, and names the place after it."""
    assert [] == check(copy)

    with edited(copy, path, old, new):
        found = check(copy)

    assert any(re.search(message, line) for line in found), found


def test_a_rule_without_proof_turns_the_check_red(copy: Path) -> None:
    """The one rule that no test of the run proved is named."""
    assert ["IMG003: no test of this run proves it; mark the test that does, or list the rule in docs/ledger.yaml"] == [
        line for line in published.unproved(repository(copy)) if line[:6] not in repository(copy).ledger
    ]


def test_a_ledger_that_grows_turns_the_check_red(copy: Path) -> None:
    """A published rule that enters the ledger is named, instead of a missing proof."""
    grown = replace(repository(copy), ledger={"IMG003": Text("나중에", "later")})

    assert [] == published.unproved(grown)
    assert "docs/ledger.yaml: IMG003: the ledger only shrinks; write the rule's proof" in published.ledger_faults(grown)


STATUS = 'return _answer(503, {"status": "draining"})'


def test_a_status_code_in_a_snippet_turns_its_test_red(copy: Path) -> None:
    """The reference app's own test fails where a snippet answers another code."""
    command = ["tests/unit/test_health.py", "-k", "test_it_is_not_ready_once_it_drains"]
    assert 0 == run(copy / "snippets/app", *command).returncode

    with edited(copy, HEALTH, STATUS, STATUS.replace("503", "200")):
        done = run(copy / "snippets/app", *command)

    assert 1 == done.returncode
    assert "tests/unit/test_health.py::test_it_is_not_ready_once_it_drains" in done.stdout
    assert "(200, 'draining') == (503, 'draining')" in done.stdout


def test_a_stale_output_turns_the_run_of_its_page_red(copy: Path) -> None:
    """The page's own run fails at the block, whose proof is recorded as failed."""
    command = [KO, "-k", f"line:{line_of(copy, LOGS)}", "--proofs", "proofs.json"]

    with edited(copy, LOGS, "#> 1\n", "#> 2\n"):
        done = run(copy, *command)

    assert 1 == done.returncode
    assert f"{KO}:" in done.stdout
    assert LOGS in done.stdout
    assert [(LOGS, "python-example", "failed")] == [
        (block.origin.partition(":")[0], block.kind, block.outcome)
        for block in Proofs.read(copy / "proofs.json").blocks
    ]


def test_a_page_that_cannot_be_expanded_turns_its_run_red(copy: Path) -> None:
    """A page with a mistake is an error of collection that says what and where, not a run without its blocks."""
    with edited(copy, HEALTH, "# --8<-- [end:ready]\n", ""):
        done = run(copy, KO, "--collect-only")

    assert 2 == done.returncode
    assert re.search(rf"{KO}:\d+: {HEALTH}:\d+: section \[ready\] is never closed", done.stdout)


def line_of(root: Path, path: str) -> int:
    """The line of a snippet's block in the Korean App document as published."""
    site = load_site(root)
    page = site.by_name[(APP, "ko")]
    fences = find_fences(expand(page, site))
    paths = [block.snippet.path for block in find_blocks(page, site)]
    return fences[paths.index(path)].first + 1


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder of the copy with the copy's own sources."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env={**environment, "PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
