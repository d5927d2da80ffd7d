"""The page "What execution found": defects of the version before, the rulings that answered them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apparch.catalogue import Language
from apparch.pages.drawn.captions import source_file
from apparch.pages.written.links import relative
from apparch.pages.written.sections import number
from apparch.pages.written.site import Page, Site


def findings(page: Page, site: Site) -> list[str]:
    """Every defect: its evidence, what is published now, the rule, the snippet, the tests that now prevent it."""
    lines: list[str] = []
    for entry in (site.findings or {}).get("findings", []):
        lines += _finding(entry, page, site)
    return lines


def rulings(page: Page, site: Site) -> list[str]:
    """Every change from the version before: what it was, what it is, why."""
    language = page.language
    was, now, why = ("이전", "지금", "이유") if language == "ko" else ("Was", "Is", "Why")
    lines: list[str] = []
    for entry in (site.findings or {}).get("rulings", []):
        places = ", ".join(f"[[{p['document']}.md]] {number(p['section'])}" for p in entry["sections"])
        lines += [
            f"### {entry['id']} {{#{entry['id'].lower()}}}",
            "",
            places,
            "",
            f"- **{was}** {_flat(entry['was'], language)}",
            f"- **{now}** {_flat(entry['is'], language)}",
            f"- **{why}** {_flat(entry['why'], language)}",
            *_rules(entry, language),
            "",
        ]
    return lines


def _finding(entry: Mapping[str, Any], page: Page, site: Site) -> list[str]:
    language = page.language
    found, now, file, test = (
        ("실행 결과", "3.0.0", "스니펫", "막는 테스트")
        if language == "ko"
        else ("When it ran", "3.0.0", "Snippet", "Prevented by")
    )
    tests = sorted({proof.test for rule in entry["rules"] for proof in site.proofs.rules.get(rule, ())})
    snippets = [f"[{path}]({relative(page.name, source_file(path))})" for path in entry.get("snippets", [])]
    section = f"[[k8s_app_architecture.md]] {number(entry['section'])}"
    return [
        f"### {entry['id']} {_flat(entry['title'], language)} {{#{entry['id'].lower()}}}",
        "",
        section,
        "",
        f"- **{found}** {_flat(entry['found'], language)}",
        f"- **{now}** {_flat(entry['now'], language)}",
        *_rules(entry, language),
        *([f"- **{file}** {', '.join(snippets)}"] if snippets else []),
        *(
            [f"- **{test}** {', '.join(f'`{name}`' for name in tests[:4])}" + _more(len(tests) - 4, language)]
            if tests
            else []
        ),
        "",
    ]


def _rules(entry: Mapping[str, Any], language: Language) -> list[str]:
    word = "규칙" if language == "ko" else "Rules"
    return [f"- **{word}** {', '.join(entry['rules'])}"] if entry.get("rules") else []


def _more(rest: int, language: Language) -> str:
    if rest <= 0:
        return ""
    return f" 외 {rest}개" if language == "ko" else f" and {rest} more"


def _flat(text: Mapping[str, str], language: Language) -> str:
    return " ".join(text[language].split())
