"""Which texts are gathered as prose, and how a line of them is read."""

from __future__ import annotations

from pathlib import Path

from tests.pages.small import write_snippet

from apparch.pages.written.prose import Prose, prose, spoken

ROOT = Path(__file__).parents[3]


def test_every_kind_of_text_is_gathered(tmp_path: Path) -> None:
    """Pages, README files, runbooks, data, diagrams, trees and the words of generated parts, each with its place."""
    write_snippet(tmp_path, "docs/a.md", "가\n\n```text\n코드\n```\n")
    write_snippet(tmp_path, "docs/a.en.md", "a\n")
    write_snippet(tmp_path, "README.md", "b\n")
    write_snippet(tmp_path, "snippets/deploy/docs/runbooks/x.md", "c\n")
    write_snippet(
        tmp_path,
        "docs/data.yaml",
        "- id: F01\n  now: {ko: 나, en: d}\n  not: {ko: 다, en: e}\n  also: {ko: 바, en: h}\n",
    )
    write_snippet(tmp_path, "snippets/diagrams/x.ko.mmd", 'rollout["라"]')
    write_snippet(tmp_path, "snippets/trees/x.en.txt", "f")
    write_snippet(tmp_path, "src/apparch/words.py", 'X = Text("마", "g")\n')

    assert [
        Prose("docs/a.en.md:1", "en", "a"),
        Prose("docs/a.md:1", "ko", "가"),
        Prose("README.md:1", "en", "b"),
        Prose("snippets/deploy/docs/runbooks/x.md:1", "en", "c"),
        Prose("docs/data.yaml F01 now", "ko", "나"),
        Prose("docs/data.yaml F01 now", "en", "d"),
        Prose("snippets/diagrams/x.ko.mmd:1", "ko", "라"),
        Prose("snippets/trees/x.en.txt:1", "en", "f"),
        Prose("src/apparch/words.py:1", "ko", "마"),
        Prose("src/apparch/words.py:1", "en", "g"),
    ] == list(prose(tmp_path))


def test_what_readers_call_a_page_is_no_prose_of_ours(tmp_path: Path) -> None:
    """Its title is."""
    write_snippet(tmp_path, "docs/a.md", "---\ntitle: 가\nnames: [나]\n---\nnames: 다\n")
    found = [each.place for each in prose(tmp_path) if each.text != "---"]
    assert ["docs/a.md:2", "docs/a.md:5"] == found


def test_the_project_has_prose_of_each_kind() -> None:
    """No pattern of files has gone out of date: each still finds something here."""
    files = {text.place.partition(" ")[0].partition(":")[0] for text in prose(ROOT)}

    for part in (
        "docs/arch/",
        "docs/findings.yaml",
        "docs/glossary.yaml",
        "snippets/app/docs/",
        "snippets/deploy/docs/",
        "snippets/diagrams/",
        "snippets/trees/",
        "src/apparch/catalogue/rules/",
        "src/apparch/pages/",
    ):
        assert [] != [file for file in files if file.startswith(part)], part


def test_markup_is_not_read_aloud() -> None:
    """Emphasis, addresses, tags, attributes and comments go; what they carry stays."""
    assert "굵게 글 이름 " == spoken("**굵게** [글](x/y.md) <b>이름</b> <!-- z -->{ .a }")
