"""How a target is described in a file, and what is said of a wrong description."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.outside.__main__ import main
from tests.outside.target import Request, Target, read_target

GOOD = """\
name: shop
command: [./shop, --serve]
port_variable: PORT
grace_seconds: 10
quick: {path: /}
write: {method: POST, path: /carts, body: "{}", statuses: [201, 409]}
"""


def test_a_target_is_read_from_its_file(tmp_path: Path) -> None:
    """What the file leaves out has the defaults; its folder is where the command runs."""
    (tmp_path / "shop.yaml").write_text(GOOD, "utf-8")

    assert Target(
        name="shop",
        command=("./shop", "--serve"),
        port_variable="PORT",
        directory=tmp_path,
        grace_seconds=10,
        quick=Request(path="/"),
        write=Request("POST", "/carts", body="{}", statuses=(201, 409)),
    ) == read_target(tmp_path / "shop.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: shop\n", "'command'"),
        (GOOD + "grace: 3\n", "'grace'"),
        ("- a\n", "pop"),
        ("name: [\n", "expected the node content"),
    ],
    ids=["a key is missing", "a key is unknown", "no mapping", "no YAML"],
)
def test_a_wrong_target_is_named(tmp_path: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One message names the file and what is wrong in it, and the exit code is that of a wrong call."""
    file = tmp_path / "shop.yaml"
    file.write_text(text, "utf-8")

    assert 2 == main([str(file)])
    message = capsys.readouterr().err
    assert message.startswith(f"tests.outside: {file}: is no target: ")
    assert said in message
