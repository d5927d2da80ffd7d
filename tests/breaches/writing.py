"""How the proof that noticed a breach is written into its file, all else left as it is."""

from __future__ import annotations

import json
from pathlib import Path

import yaml


def write_noticed_by(file: Path, identity: str, test: str) -> None:
    """Set `noticed_by` of one breach, keeping comments and layout.

    Raises:
        ValueError: the file has no such breach, or writes it on one line.
    """
    text = file.read_text("utf-8")
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    for entry in document.value if isinstance(document, yaml.SequenceNode) else []:
        pairs = {key.value: (key, value) for key, value in entry.value}
        if "id" not in pairs or pairs["id"][1].value != identity:
            continue
        if entry.flow_style:
            raise ValueError(f"{file}: {identity} stands on one line; write one key a line")
        line = f"noticed_by: {_quoted(test)}"
        lines = text.splitlines(keepends=True)
        if "noticed_by" in pairs:
            key, value = pairs["noticed_by"]
            indent = " " * key.start_mark.column
            lines[key.start_mark.line : _last_line(value, lines) + 1] = [f"{indent}{line}\n"]
        else:
            last_key, last_value = entry.value[-1]
            after = _last_line(last_value, lines)
            lines[after] = lines[after].rstrip("\n") + "\n"
            lines.insert(after + 1, " " * last_key.start_mark.column + line + "\n")
        file.write_text("".join(lines), "utf-8")
        return
    raise ValueError(f"{file}: {identity} is not in it")


def _last_line(node: yaml.Node, lines: list[str]) -> int:
    """The line on which a value ends; a block's own mark stands after the empty lines and comments behind it."""
    end: int = node.end_mark.line if node.end_mark.column else node.end_mark.line - 1
    while not lines[end].strip() or lines[end].startswith("#"):
        end -= 1
    return end


def _quoted(test: str) -> str:
    """As plain text where YAML reads it back, in double quotes elsewhere."""
    try:
        plain = yaml.safe_load(f"noticed_by: {test}") == {"noticed_by": test}
    except yaml.YAMLError:
        plain = False
    return test if plain else json.dumps(test, ensure_ascii=False)
