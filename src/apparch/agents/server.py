"""The answers as tools of an MCP server on standard input and output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from apparch import __version__
from apparch.agents import answers
from apparch.agents.answers import AnswerError, FoundRules, Homes, Judged, RuleInFull
from apparch.catalogue import Language

INSTRUCTIONS = (
    "The rules that apps on k3s and their two repositories keep: the App repo makes an image, the Deploy repo runs it. "
    "Look a rule up before you change what it is about, and check the change before you end. Cite rules by ID and url."
)
READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

_P = ParamSpec("_P")
_R = TypeVar("_R")


def serve(folder: Path, url: str, language: Language) -> None:
    """Answer until standard input ends.

    Args:
        folder: the repository that `check_diff` reads.
        url: the site that the rules' links lead to.
        language: that of the texts where a call names none.
    """
    make_server(folder, url, language).run("stdio")


def make_server(folder: Path, url: str, language: Language) -> MCPServer:
    """The server with its four tools."""
    server = MCPServer("apparch", version=__version__, instructions=INSTRUCTIONS, website_url=url, log_level="WARNING")

    @server.tool(title="Find rules", annotations=READS)
    def find_rule(
        question: Annotated[str, Field(max_length=answers.LONGEST_QUESTION)],
        limit: Annotated[int, Field(ge=1, le=answers.MOST_RULES)] = 5,
        lang: Language = language,
    ) -> FoundRules:
        """Find the rules that a question, a command, a file or a name is about, in Korean or English, best first."""
        return answers.find_rule(question, url, lang, limit)

    @server.tool(title="Read a rule", annotations=READS)
    def get_rule(rule_id: Annotated[str, Field(max_length=40)], lang: Language = language) -> RuleInFull:
        """Read one rule: what it demands, why, how to repair a breach, and the command that checks it."""
        return _told(answers.get_rule, rule_id, url, lang)

    @server.tool(title="Check a change", annotations=READS)
    def check_diff(
        diff: Annotated[str, Field(max_length=answers.LARGEST_DIFF)] = "",
        base: Annotated[str, Field(max_length=200)] = "",
        lang: Language = language,
    ) -> Judged:
        """Say which rules a change to this repository breaks. The change must be in the working tree already; give
        it as a unified diff, or give the revision that it starts from. Files are read and nothing is run."""
        return _told(answers.check_diff, folder, url, lang, diff, base)

    @server.tool(title="Say which repo owns a file", annotations=READS)
    def owner_of(paths: Annotated[list[str], Field(min_length=1, max_length=answers.MOST_PATHS)]) -> Homes:
        """Say for each path whether it belongs to the App repo or the Deploy repo, and by which rule. A change with
        files of both is to be split."""
        return _told(answers.owners, paths, url)

    return server


def _told(answer: Callable[_P, _R], *arguments: _P.args, **named: _P.kwargs) -> _R:
    """An answer; what cannot be answered is told to the agent as it was meant."""
    try:
        return answer(*arguments, **named)
    except AnswerError as error:
        raise ToolError(str(error)) from None
