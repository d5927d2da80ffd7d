"""Whether a rule's page shows the rule's examples as they are, and what the checker says of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.pages.small import APP, a_page, a_rule, a_site, write_snippet

from apparch.catalogue import LANGUAGES, Language, Rule
from apparch.cli import main
from apparch.pages.drawn.rule_examples import language_of
from apparch.pages.drawn.rule_pages import rule_pages
from apparch.pages.errors import PageError
from apparch.pages.expand import expand
from apparch.pages.written.fences import Fence, find_fences
from apparch.pages.written.markup import Flavour
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[3]
FIRST = ("IMG015", "MAN012", "DIR001", "DIR003", "PLT001", "IGN001")
"""A Dockerfile, a manifest, rules whose examples stand on no usual base, one with a file removed, a long file."""
BREAKS = "FROM python:3.12-slim\nUSER 10001:10001\n"
KEEPS = f"FROM python:3.12-slim@sha256:{'0' * 64}\nUSER 10001:10001\n"
RULES = "snippets/rules/IMG015"

FLAVOURS: tuple[Flavour, ...] = ("site", "plain")

real = load_site(ROOT)


def page_of(rule: str, language: Language, of: Site = real, flavour: Flavour = "site") -> str:
    """A rule's page as published."""
    pages = rule_pages(of, flavour)
    page = next(each for each in pages if each.name == f"rules/{rule}" and each.language == language)
    return expand(page, of, flavour)


def part(text: str, name: str) -> list[Fence]:
    """The code blocks below a heading of the page."""
    return find_fences(
        re.split(r"^#+ .*\{#", text.partition(f"{{#{name}")[2].partition("\n")[2], maxsplit=1, flags=re.M)[0]
    )


def documented(root: Path, rule: Rule) -> Site:
    """A site of one rule and the sections that its page names."""
    pages = [a_page("## 4 {#4}\n### 4.2 {#4-2}", APP, language) for language in LANGUAGES]
    pages += [a_page("# Check", "start/check", language) for language in LANGUAGES]
    return a_site(root, *pages, rules=(rule,))


def small(root: Path, bad: str = BREAKS, finds: str = "docker/Dockerfile:1", base: str = "none") -> Site:
    """A site of one rule with one bad and one good example."""
    write_snippet(root, f"{RULES}/cases.yaml", f'bad: {{base: {base}, finds: ["{finds}"]}}\ngood: {{base: {base}}}\n')
    write_snippet(root, f"{RULES}/bad/docker/Dockerfile", bad)
    write_snippet(root, f"{RULES}/good/docker/Dockerfile", KEEPS)
    return documented(root, a_rule("IMG015"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", FIRST)
def test_the_finding_is_what_the_command_prints(
    rule: str, language: Language, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first bad example, written to a folder and checked, gives the text on the page to the letter."""
    for path, content in real.examples[rule][0].files.items():
        file = tmp_path / "orders" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    main(["check", str(tmp_path / "orders"), "--select", rule, "--lang", language, "--url", real.url])

    (shown,) = part(page_of(rule, language), "finding")
    assert capsys.readouterr().out.rstrip("\n").split("\n") == list(shown.body)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_of_the_bad_example_are_shown(language: Language) -> None:
    """Each file that the tests lay over the base stands on the page as it is."""
    example = real.examples["MAN017"][0]
    shown = {
        re.findall('title="([^" ]+)', each.info)[0]: each.body for each in part(page_of("MAN017", language), "bad")
    }

    assert shown == {path: tuple(each.decode().rstrip("\n").split("\n")) for path, each in example.own.items()}


def test_a_changed_example_changes_the_page(tmp_path: Path) -> None:
    """The page of a site that is read anew shows the new file with the finding on its line."""
    shutil.copytree(ROOT / "snippets/rules/app", tmp_path / "snippets/rules/app")
    before = page_of("IMG015", "en", small(tmp_path, base="app"))
    after = page_of("IMG015", "en", small(tmp_path, f"# Slim\n{BREAKS}", "docker/Dockerfile:2", "app"))

    assert [part(text, "bad")[0].body[0] for text in (before, after)] == ["FROM python:3.12-slim", "# Slim"]
    assert [part(text, "bad")[0].info.rpartition(" ")[2] for text in (before, after)] == [
        'hl_lines="1"',
        'hl_lines="2"',
    ]
    assert [part(text, "finding")[0].body[1][:30] for text in (before, after)] == [
        "  1:1     IMG015 MUST  python:",
        "  2:1     IMG015 MUST  python:",
    ]


def test_the_good_example_shows_what_differs(tmp_path: Path) -> None:
    """A file that both examples share is not repeated."""
    for name in ("bad", "good"):
        write_snippet(tmp_path, f"{RULES}/{name}/README.md", "# Orders\n")
    (shown,) = part(page_of("IMG015", "en", small(tmp_path)), "good")

    assert (shown.info, shown.body) == ('docker title="docker/Dockerfile"', tuple(KEEPS.rstrip().split("\n")))


def test_a_long_file_is_cut_around_the_finding(tmp_path: Path) -> None:
    """Its title says which of how many lines are shown."""
    site = small(tmp_path, "# note\n" * 40 + BREAKS, "docker/Dockerfile:41")
    (shown,) = part(page_of("IMG015", "en", site), "bad")

    assert shown.info == 'docker title="docker/Dockerfile (lines 33-42 of 42)" hl_lines="9"'
    assert shown.body == ("# note",) * 8 + tuple(BREAKS.rstrip().split("\n"))


def test_code_that_holds_a_fence_is_fenced_longer(tmp_path: Path) -> None:
    """Nothing of an example leaves its block."""
    site = small(tmp_path, f"# ```\n{BREAKS}")
    (shown,) = part(page_of("IMG015", "en", site), "bad")

    assert shown.body == ("# ```", *BREAKS.rstrip().split("\n"))


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", "`config/settings.schema.json` 없음."), ("en", "Without `config/settings.schema.json`.")],
)
def test_what_a_tree_lacks_is_said(tmp_path: Path, language: Language, words: str) -> None:
    """A file of the base that the bad example removes is named, and shown with the good one."""
    path = "config/settings.schema.json"
    site = small(tmp_path)
    write_snippet(tmp_path, f"snippets/rules/app/{path}", "{}\n")
    write_snippet(tmp_path, f"{RULES}/cases.yaml", f"bad: {{removes: [{path}]}}\ngood: {{}}\n")
    text = page_of("IMG015", language, site)

    assert f"{words}\n" in text.partition("{#bad")[2].partition("###")[0]
    assert [each.info for each in part(text, "good")] == ['docker title="docker/Dockerfile"', f'json title="{path}"']


def test_further_forms_are_told_by_their_line() -> None:
    """A bad one says what the checker says of which line, a good one shows its files and a line that differs."""
    text = page_of("IMG015", "en")

    assert "- `bad-copied-from` (breaks it): busybox:1.36 has no " in text
    assert ": `docker/Dockerfile:8` `COPY --from=busybox:1.36 /bin/wget" in text
    assert "- `good-stages` (keeps it): `docker/Dockerfile` `ARG BASE=python:3.12-slim@sha256:" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_markdown_holds_the_same_code(language: Language) -> None:
    """What is exported has no titles and admonitions, and the same blocks."""
    site, plain = (page_of("IMG001", language, real, flavour) for flavour in FLAVOURS)

    assert [each.body for each in find_fences(site)] == [each.body for each in find_fences(plain)]
    assert [word for word in ("title=", "hl_lines", "???", "{#") if word in plain] == []


def test_a_rule_without_examples_shows_none(tmp_path: Path) -> None:
    """Its page has neither the examples nor a block with a command that would judge nothing."""
    text = page_of("IMG002", "en", documented(tmp_path, a_rule()))

    assert [each for each in ("{#examples}", "```") if each in text] == []


def test_an_example_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A directive that names no example says where one belongs."""
    site = a_site(tmp_path, a_page("[[example: IMG002 bad]]"))

    with pytest.raises(PageError, match=r"no such example; see snippets/rules/IMG002"):
        expand(site.pages[0], site)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("docker/Dockerfile", "docker"),
        ("k8s/base/app.yaml", "yaml"),
        ("src/orders/app.py", "python"),
        ("scripts/run.sh", "bash"),
        (".env.example", "text"),
    ],
)
def test_code_is_coloured_by_its_files_name(path: str, language: str) -> None:
    """A name that nothing is known of is plain text."""
    assert language_of(path) == language
