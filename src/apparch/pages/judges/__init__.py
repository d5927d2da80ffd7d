"""Who judges a code block: one judge for each kind, each a real tool or a real run."""

from __future__ import annotations

from pathlib import Path

from apparch.pages.blocks import Block
from apparch.pages.errors import PageError
from apparch.pages.judges import console, dockerfile, dotenv, ignore, mermaid, plain, python, shell, tree, yaml
from apparch.pages.judges.model import Judge, Unavailable

__all__ = ["Judge", "Unavailable", "judge_of"]

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
            f"use one of {', '.join(sorted(_CHOICES))} or add a judge under src/apparch/pages/judges/"
        )
    return judge
