"""Whether the comments of the drawn trees are so: the same in both languages, each borne out by what it stands at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apparch.catalogue import LANGUAGES
from apparch.pages.proved.judges.tree import ROOTS, TEMPLATE
from apparch.pages.written.data_files import read_data

RECORD = "docs/claims/trees.yaml"
FOLDER = "snippets/trees"
LINE = re.compile(r"^(?P<indent>(?:[│ ] {3})*)(?:├── |└── )?(?P<name>[^#]*?)(?: +# (?P<comment>.*))?$")
WORD = re.compile(r"[a-z][a-z0-9]{2,}")


def tree_names(root: Path) -> list[str]:
    """The trees that are drawn."""
    return sorted({file.name.split(".")[0] for file in (root / FOLDER).glob("*.txt")})


def uncommented(name: str, root: Path) -> Iterator[str]:
    """What a tree says of a path that the record does not say, or that the path does not bear out."""
    record: dict[str, Any] = (read_data(root, RECORD) or {}).get(name, {})
    for language in LANGUAGES:
        file = f"{FOLDER}/{name}.{language}.txt"
        shown = {path: (number, comment) for number, path, comment in comments((root / file).read_text("utf-8"))}
        for path, (number, comment) in shown.items():
            if comment != record.get(path, {}).get(language):
                yield (
                    f"{file}:{number}: {path}: {comment!r} is not what {RECORD} says: "
                    f"{record.get(path, {}).get(language)!r}; correct either"
                )
        yield from (f"{RECORD}: {name}: {path}: {file} says nothing of it" for path in record.keys() - shown.keys())
    for path, entry in record.items():
        if not _stems(entry["en"]) & _stems(_content(name, path, entry.get("by", []), root)) and _stems(entry["en"]):
            yield f"{RECORD}: {name}: {path}: nothing there bears out {entry['en']!r}; say in `by` which file does"


def comments(tree: str) -> Iterator[tuple[int, str, str]]:
    """Each commented line of a tree: its number, the path that it stands at, the comment."""
    stack: list[str] = []
    for number, line in enumerate(tree.split("\n"), 1):
        match = LINE.match(line)
        if not match or not line.replace("│", "").strip():
            continue
        depth = 0 if number == 1 else len(match.group("indent")) // 4 + 1
        stack[depth:] = [match.group("name").strip().rstrip("/")]
        if match.group("comment"):
            yield number, "/".join(stack[1:]) or ".", match.group("comment").strip()


def _content(name: str, path: str, by: list[str], root: Path) -> str:
    """What a path is and holds: its name, its text, for a directory what it lists and how its files begin."""
    place = root / _real(name, path)
    texts = [path.replace("_", " "), *((root / file).read_text("utf-8") for file in by)]
    if place.is_file():
        texts.append(place.read_text("utf-8", errors="replace"))
    elif place.is_dir():
        for file in sorted(place.rglob("*")):
            if "__pycache__" not in file.parts and file.is_file():
                texts += [
                    file.relative_to(root).as_posix().replace("_", " "),
                    file.read_text("utf-8", errors="replace")[:2000],
                ]
    return "\n".join(texts)


def _real(name: str, path: str) -> str:
    if name in ROOTS:
        return f"{ROOTS[name]}/{path}"
    part = next((part for part in TEMPLATE if path == part or path.startswith(f"{part}/")), None)
    return TEMPLATE[part] + path.removeprefix(part) if part else f"snippets/{path}" if path != "." else "snippets"


def _stems(text: str) -> set[str]:
    return {word[:4] for word in WORD.findall(text.lower())}
