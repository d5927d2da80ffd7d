"""The proof that was found is written into the file and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.breaches.writing import write_noticed_by

FILE = """\
# What comes first.
- id: A-one
  kind: plain   # why
  changes:
    - {in: a, old: "x", new: "y"}
# Between them.

- id: A-two
  changes:
    - in: a
      old: x
      new: |
        y

        z
  noticed_by: tests/a.py::test_old

- id: A-three
  changes:
    - in: a
      old: x
      new: |2
          y
# The end.
"""


def test_the_proof_stands_at_the_end_of_its_breach(tmp_path: Path) -> None:
    """Comments, empty lines and the other breaches stay where they are."""
    file = tmp_path / "A.yaml"
    file.write_text(FILE, "utf-8")
    for identity in ("A-one", "A-two", "A-three"):
        write_noticed_by(file, identity, f"tests/a.py::test_new[{identity}]")
    added = [line for line in file.read_text("utf-8").splitlines() if line not in FILE.splitlines()]
    assert added == [f"  noticed_by: tests/a.py::test_new[A-{name}]" for name in ("one", "two", "three")]
    expected = FILE.replace('new: "y"}\n', 'new: "y"}\n  noticed_by: tests/a.py::test_new[A-one]\n')
    expected = expected.replace("test_old", "test_new[A-two]")
    expected = expected.replace("    y\n# The", "    y\n  noticed_by: tests/a.py::test_new[A-three]\n# The")
    assert file.read_text("utf-8") == expected


@pytest.mark.parametrize("test", ["tests/a.py::test_a[x: y]", "tests/a.py::test_a[a #b]", 'tests/a.py::t["q"]'])
def test_an_id_that_yaml_would_misread_is_quoted(tmp_path: Path, test: str) -> None:
    """It is read back as it was found."""
    import yaml

    file = tmp_path / "A.yaml"
    file.write_text("- id: A-one\n  kind: plain", "utf-8")
    write_noticed_by(file, "A-one", test)
    assert yaml.safe_load(file.read_text("utf-8")) == [{"id": "A-one", "kind": "plain", "noticed_by": test}]


@pytest.mark.parametrize(
    ("text", "message"), [("- {id: A-one, kind: plain}\n", "stands on one line"), ("- id: A-two\n", "is not in it")]
)
def test_what_cannot_be_written_is_said(tmp_path: Path, text: str, message: str) -> None:
    """A breach on one line, or none of the name."""
    file = tmp_path / "A.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=message):
        write_noticed_by(file, "A-one", "tests/a.py::test_a")
