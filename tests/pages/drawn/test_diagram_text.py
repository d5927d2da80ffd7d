"""What a diagram says in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from apparch.catalogue import LANGUAGES
from apparch.pages.drawn.diagram_text import in_words

ROOT = Path(__file__).parents[3]
DIAGRAMS = sorted((ROOT / "snippets/diagrams").glob("*.mmd"))


@pytest.mark.parametrize(
    ("diagram", "words"),
    [
        ('flowchart LR\n  a["A<br/>one"] --> b{"B<br/>or C?"}', ["A, one → B or C?"]),
        ('flowchart TD\n  a["A"] -->|x| b["B"] --> c["C"]', ["A → B (x)", "B → C"]),
        ('flowchart TD\n  a["A"]\n  b["B"]\n  a & b -->|"x: y"| c[("C")]', ["A, B → C (x: y)"]),
        ('flowchart TD\n  a["A"] <-->|x| b["B"]\n  a --- c["C"]', ["A ↔ B (x)", "A – C"]),
        ('flowchart TD\n  a["A"]\n  b(["B"])\n  a -. x y .-> b', ["A → B (x y)"]),
        (
            'flowchart LR\n  subgraph g["G"]\n    direction TB\n    a["A"]\n    b["B"]\n  end\n  g --> c["C"]',
            ["G: A, B", "G → C"],
        ),
        ("sequenceDiagram\n  participant a as A b\n  participant c\n  a->>c: x", ["A b → c: x"]),
        (
            "sequenceDiagram\n  participant a\n  par one\n  a-->>a: x\n  and two\n  Note over a: y<br/>z\n  end",
            ["[one]", "a → a: x", "[two]", "a: y, z"],
        ),
        (
            'stateDiagram-v2\n  state "on" as a\n  [*] --> a\n  a --> a: x\n  note right of a: y',
            ["start → on", "on → on: x", "on: y"],
        ),
    ],
)
def test_each_arrow_and_note_is_a_line(diagram: str, words: list[str]) -> None:
    """Names stand for nodes, what an arrow says behind it."""
    assert words == in_words(diagram, "en")


@pytest.mark.parametrize("file", DIAGRAMS, ids=lambda file: file.name)
def test_no_diagram_loses_a_word(file: Path) -> None:
    """Every label of a diagram is in its words, and nothing of its notation is."""
    language = next(each for each in LANGUAGES if f".{each}." in file.name)
    text = file.read_text("utf-8")
    words = " ".join(in_words(text, language))
    labels = [part for quoted in text.split('"')[1::2] for part in quoted.split("<br/>")]

    assert [] == [label for label in labels if label.strip() not in words]
    assert not any(sign in words for sign in ("-->", "->>", "subgraph", "participant", "<br"))
