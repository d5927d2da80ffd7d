"""The tools of `apparch mcp`, called by the SDK's own client over the standard streams of a real process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from tests.agents.test_answers import DIFF
from tests.checks.examples import RULES

SOURCES = str(Path(__file__).parents[2] / "src")


@pytest.fixture(scope="module", name="repository")
def _repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An App repo with a breach of one rule, not under git."""
    folder = Path(shutil.copytree(RULES / "app", tmp_path_factory.mktemp("mcp") / "orders"))
    shutil.copy(RULES / "IMG015/bad/docker/Dockerfile", folder / "docker/Dockerfile")
    return folder


@asynccontextmanager
async def connected(repository: Path) -> AsyncIterator[Client]:
    """A client that has started the server and speaks with it."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "apparch", "mcp", str(repository), "--lang", "en", "--url", "https://docs.example"],
        env={"PYTHONPATH": SOURCES, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    async with Client(server, read_timeout_seconds=60) as client:
        yield client


async def test_the_tools_answer(repository: Path) -> None:
    """Four tools, each of which says that it only reads, answer with data that their own schemas describe."""
    async with connected(repository) as client:
        tools = (await client.list_tools()).tools
        found = await client.call_tool("find_rule", {"question": "kubectl apply in a workflow", "limit": 1})
        rule = await client.call_tool("get_rule", {"rule_id": "img002", "lang": "ko"})
        judged = await client.call_tool("check_diff", {"diff": DIFF})
        homes = await client.call_tool("owner_of", {"paths": ["docker/Dockerfile"]})

    assert {tool.name: tool.annotations and tool.annotations.read_only_hint for tool in tools} == dict.fromkeys(
        ("find_rule", "get_rule", "check_diff", "owner_of"), True
    )
    assert [tool.name for tool in tools if not tool.output_schema or not tool.description] == []
    assert (found.structured_content or {})["rules"][0]["id"] == "WFL001"
    assert (rule.structured_content or {})["title"] == "버전 태그는 움직이지 않는다"
    assert [each["rule"] for each in (judged.structured_content or {})["findings"]] == ["IMG015"]
    assert (homes.structured_content or {})["paths"][0]["url"] == "https://docs.example/r/DIR002"


async def test_a_wrong_call_is_told_and_ends_nothing(repository: Path) -> None:
    """The agent reads what was wrong, and the next call is answered."""
    async with connected(repository) as client:
        unknown = await client.call_tool("get_rule", {"rule_id": "IMG02"})
        long = await client.call_tool("find_rule", {"question": "x" * 401})
        right = await client.call_tool("get_rule", {"rule_id": "IMG002"})

    assert (unknown.is_error, long.is_error, bool(right.is_error)) == (True, True, False)
    assert "did you mean IMG0" in unknown.content[0].text  # type: ignore[union-attr]


def test_without_the_sdk_the_extra_is_named() -> None:
    """One line says what to install."""
    script = "import sys; sys.modules['mcp'] = None; from apparch.cli import main; main(['mcp'])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": SOURCES},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "apparch mcp: error: it needs the MCP SDK; install apparch[mcp]"
