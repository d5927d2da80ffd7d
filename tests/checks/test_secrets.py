"""How secrets are told from what looks like them, on a sample, beside a well-kept engine on the same sample."""

from __future__ import annotations

import random
import re
import string
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apparch.app import secrets
from apparch.app.secrets import CALLED, Secret, called_in, likely_in, shaped_in
from apparch.catalogue import yaml_text

_SIGNS = {
    "a": string.ascii_letters + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "h": "0123456789abcdef",
    "d": string.digits,
}
_MISSED = {"src/app/tw.py"}
"""A pair of hexadecimal digits under short names, which is as good as any digest."""


def _secrets_in(text: str, ending: str) -> list[Secret]:
    """What the judge is told of a file's text."""
    return [*shaped_in(text, likely_in(text.encode("utf-8", "replace"))), *called_in(text, ending)]


@pytest.mark.rule("OWN016")
def test_secrets_are_found_and_nothing_else() -> None:
    """All secrets of the sample but one are found, and nothing that is none."""
    found = {path for path, line in _sample("secrets") if _secrets_in(line, PurePosixPath(path).suffix)}
    others = [path for path, line in _sample("nothing") if _secrets_in(line, PurePosixPath(path).suffix)]
    assert ({path for path, _ in _sample("secrets")} - found, others) == (_MISSED, [])


def test_the_engine_takes_more_for_secrets_that_are_none(tmp_path: Path) -> None:
    """detect-secrets finds hardly fewer, and names at least ten lines that hold none: what the choice rests on."""
    with default_settings():
        found = [_engine_finds(tmp_path / f"a{at}", *each) for at, each in enumerate(_sample("secrets"))]
        wrong = [_engine_finds(tmp_path / f"b{at}", *each) for at, each in enumerate(_sample("nothing"))]
    assert (sum(found) >= 28, sum(wrong) >= 10) == (True, True)


def test_a_hostile_line_ends() -> None:
    """A text that invites a pattern to try everything has no secret and is read to its end."""
    texts = ("a.b-" * 50_000, "password=" * 20_000, "a://" * 40_000, "eyJ" * 50_000, "token: " + "x1" * 50_000)
    assert [_secrets_in(text, ".py") for text in texts] == [[], [], [], [], []]


@pytest.mark.parametrize(
    "pattern",
    [shape for _, shapes in secrets._TOKENS for _, shape in shapes]
    + [secrets._KEY, secrets._CLIENT_KEY, secrets._JWT, secrets._URL, secrets._HINT],
)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.data())
def test_a_file_without_the_words_holds_no_secret(pattern: str | re.Pattern[str], data: st.DataObject) -> None:
    """Whatever a pattern finds holds one of the words by which files are chosen."""
    written = data.draw(st.from_regex(pattern)).encode()
    assert likely_in(written) or any(each.search(written.lower()) for each in CALLED)


def _engine_finds(folder: Path, path: str, line: str) -> bool:
    file = folder / path
    file.parent.mkdir(parents=True)
    file.write_text(line, "utf-8")
    collection = SecretsCollection()
    collection.scan_file(str(file))
    return bool(list(collection))


@cache
def _sample(kind: str) -> list[tuple[str, str]]:
    chosen = random.Random(7)

    def made(match: re.Match[str]) -> str:
        return "".join(chosen.choice(_SIGNS[match[1]]) for _ in range(int(match[2])))

    given = yaml_text.read(Path(__file__).with_name("secrets.yaml").read_text("utf-8"))[kind]
    return [(path, re.sub(r"<([auhd]):([0-9]+)>", made, line) + "\n") for path, line in given]
