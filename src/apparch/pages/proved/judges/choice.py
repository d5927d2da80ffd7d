"""Which judge a code block gets, and what that one finds wrong with it."""

from __future__ import annotations

from pathlib import Path

from apparch.pages.errors import PageError
from apparch.pages.proved.judges import (
    console,
    dockerfile,
    dotenv,
    ignore,
    mermaid,
    plain,
    python,
    shell,
    tree,
    walk,
    yaml,
)
from apparch.pages.proved.judges.memory import remembered
from apparch.pages.proved.judges.model import Judge
from apparch.pages.written.blocks import Block
from apparch.pages.written.snippets import Snippet

_CHOICES = {
    "python": python.choose,
    "yaml": yaml.choose,
    "dockerfile": dockerfile.choose,
    "dockerignore": ignore.choose_docker,
    "gitignore": ignore.choose_git,
    "shell": shell.choose,
    "dotenv": dotenv.choose,
    "tree": tree.choose,
    "mermaid": mermaid.choose,
    "console": console.choose,
    "diff": walk.choose,
    "json": plain.choose_json,
    "toml": plain.choose_toml,
}


def judge_of(block: Block, root: Path) -> Judge:
    """The judge of a block's kind.

    Raises:
        PageError: no judge knows the block's language, or its kind within it.
    """
    choose = _CHOICES.get(block.language)
    judge = choose(block, root) if choose else None
    if judge is None:
        raise PageError(
            f"docs/{block.page}:{block.line}: no judge for {block.language} of {block.snippet.path}; "
            f"use one of {', '.join(sorted(_CHOICES))} or add a judge under src/apparch/pages/proved/judges/"
        )
    return judge


def fault(block: Block, root: Path) -> str | None:
    """What its judge finds wrong with a block, with the places of the block and of its snippet; None where it is good.

    Raises:
        PageError: as for judge_of.
        Unavailable: the judge's tool is not on this machine.
    """
    judge_of(block, root)
    found = _found(root, block.language, block.snippet)
    if found is None:
        return None
    place = "" if block.snippet.path in found else f"{block.origin}: "
    return f"docs/{block.page}:{block.line}: {place}{found}"


@remembered
def _found(root: Path, language: str, snippet: Snippet) -> str | None:
    # What both languages show is judged once.
    block = Block("", 0, "ko", language, snippet)
    try:
        return judge_of(block, root).verdict(block, root)
    except (LookupError, TypeError, AttributeError) as error:
        return f"{block.origin}: not of the form that its judge knows: {error!r}"
