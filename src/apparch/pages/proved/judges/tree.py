"""Directory trees: every line must exist, every real entry of a listed level must have its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pathspec

from apparch.pages.proved.judges.model import Judge
from apparch.pages.written.blocks import Block

ROOTS = {"app": "snippets/app", "deploy": "snippets/deploy"}
# The template repository is no tree of ours: its parts are judged as the repositories that they become.
TEMPLATE = {
    "app/prj_01": "snippets/app",
    "app/prj_02": "snippets/app",
    "app/prj_03": "snippets/app",
    "docs/arch": "docs/arch",
    "infra": "snippets/deploy",
    "tests/k8s": "tests/deploy",
}
LINE = re.compile(r"^(?P<indent>(?:[│ ] {3})*)(?:├── |└── )(?P<name>[^#]*?)(?: +#.*)?$")


@dataclass
class _Node:
    name: str
    directory: bool
    line: int
    children: list[_Node] = field(default_factory=list)


def choose(block: Block, _root: Path) -> Judge | None:
    """A tree file named after the repository that it draws: app.ko.txt draws snippets/app."""
    name = Path(block.snippet.path).name.split(".")[0]
    if name == "template":
        return Judge("the trees it becomes", "tree", _template)
    return Judge("the real tree", "tree", _verdict) if name in ROOTS else None


def _verdict(block: Block, root: Path) -> str | None:
    folder = root / ROOTS[Path(block.snippet.path).name.split(".")[0]]
    try:
        tree = parse_tree(block.text)
    except ValueError as error:
        return f"{block.snippet.path}: {error}"
    ignored = pathspec.GitIgnoreSpec.from_lines((root / ".gitignore").read_text("utf-8").splitlines())
    return _compare(tree, folder, block, root, ignored)


def _template(block: Block, root: Path) -> str | None:
    """Every line of the template's tree must exist in the repository that its part becomes."""
    try:
        nodes = list(_paths(parse_tree(block.text), ""))
    except ValueError as error:
        return f"{block.snippet.path}: {error}"
    for path, node in nodes:
        part = next((part for part in TEMPLATE if path == part or path.startswith(f"{part}/")), None)
        if part is None and not any(known.startswith(f"{path}/") for known in TEMPLATE):
            return f"{block.snippet.path}:{node.line}: {path} belongs to no part of the template"
        if part and not (root / TEMPLATE[part] / path.removeprefix(part).strip("/")).exists():
            return f"{block.snippet.path}:{node.line}: {TEMPLATE[part]}{path.removeprefix(part)} does not exist"
    return None


def _paths(node: _Node, above: str) -> Iterator[tuple[str, _Node]]:
    for child in node.children:
        path = f"{above}{child.name}"
        yield path, child
        yield from _paths(child, f"{path}/")


def parse_tree(text: str) -> _Node:
    """The nodes of a drawn tree.

    Raises:
        ValueError: a line is no line of a tree.
    """
    lines = text.split("\n")
    top = _Node(lines[0].split("#")[0].strip(), True, 1)
    stack = [top]
    for number, line in enumerate(lines[1:], 2):
        if not line.replace("│", "").strip():
            continue
        match = LINE.match(line)
        if not match:
            raise ValueError(f"line {number} is no line of a tree: {line!r}")
        depth = len(match.group("indent")) // 4
        name = match.group("name").strip()
        node = _Node(name.rstrip("/"), name.endswith("/"), number)
        del stack[depth + 1 :]
        stack[-1].children.append(node)
        stack.append(node)
    return top


def _compare(node: _Node, folder: Path, block: Block, root: Path, ignored: pathspec.GitIgnoreSpec) -> str | None:
    listed = [child for child in node.children if child.name != "..."]
    open_ended = len(listed) != len(node.children)
    for child in listed:
        path = folder / child.name
        if not (path.is_dir() if child.directory else path.is_file()):
            return f"{block.snippet.path}:{child.line}: {path.relative_to(root)} does not exist; remove the line"
    if node.children and not open_ended:
        names = {child.name for child in listed}
        for entry in sorted(folder.iterdir()):
            if entry.name not in names and not _left_out(entry, root, ignored):
                return f"{block.snippet.path}:{node.line}: {entry.relative_to(root)} has no line; add it"
    for child in listed:
        failure = child.children and _compare(child, folder / child.name, block, root, ignored)
        if failure:
            return failure
    return None


def _left_out(entry: Path, root: Path, ignored: pathspec.GitIgnoreSpec) -> bool:
    """Whether Git would not hold the entry: ignored, or a folder with nothing in it that Git would hold."""
    relative = entry.relative_to(root).as_posix()
    if ignored.match_file(relative + "/" if entry.is_dir() else relative):
        return True
    return entry.is_dir() and all(_left_out(child, root, ignored) for child in entry.iterdir())
