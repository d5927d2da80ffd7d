"""The lock files of every ecosystem."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apparch.repository import Problem
from apparch.repository.locks import Locked, parse_lock

LOCKS = {
    "uv.lock": '[[package]]\nname = "a"\nversion = "1"\nsdist = { url = "u", hash = "sha256:x" }\n',
    "poetry.lock": '[[package]]\nname = "a"\nversion = "1"\nfiles = [{file = "f", hash = "sha256:x"}]\n',
    "Cargo.lock": '[[package]]\nname = "a"\nversion = "1"\nchecksum = "x"\n',
    "Pipfile.lock": '{"default": {"a": {"version": "==1", "hashes": ["x"]}}}',
    "package-lock.json": '{"packages": {"": {}, "node_modules/a": {"version": "1", "integrity": "x"}}}',
    "npm-shrinkwrap.json": '{"dependencies": {"a": {"version": "1", "integrity": "x"}}}',
    "yarn.lock": '# yarn\n\n"a@^1", a@1:\n  version "1"\n  integrity x\n',
    "pnpm-lock.yaml": "packages:\n  a@1(b@2): {resolution: {integrity: x}}\n",
    "bun.lock": '{"packages": {"a": ["a@1", "", {}, "sha512-x"],},}',
    "deno.lock": '{"npm": {"a@1": {"integrity": "x"}}}',
    "go.sum": "a 1 h1:x\na v1 h1:x\na v1/go.mod h1:x\n",
    "Gemfile.lock": "GEM\n  specs:\n    a (1)\n      b (>= 2)\n\nCHECKSUMS\n  a (1) sha256=x\n",
    "composer.lock": '{"packages": [{"name": "a", "version": "1", "dist": {"shasum": "x"}}]}',
    "mix.lock": '%{\n  "a": {:hex, :a, "1", "ab", [:mix]},\n}\n',
    "packages.lock.json": '{"dependencies": {"n": {"a": {"resolved": "1","contentHash":"x"}, "p":{"type":"Project"}}}}',
    "requirements.txt": "a==1 --hash=sha256:x\n",
}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_tells_its_packages(name: str) -> None:
    """Name, version, and whether the content is pinned."""
    found = parse_lock(LOCKS[name], name)
    assert not isinstance(found, Problem), found
    assert [Locked(each.name, each.version.removeprefix("v"), each.hashed) for each in found] == [
        Locked("a", "1", True)
    ]


@given(st.sampled_from(sorted(LOCKS)), st.text(max_size=40), st.integers(0, 100))
def test_no_lock_raises(name: str, noise: str, at: int) -> None:
    """Whatever is put into it."""
    text = LOCKS[name][:at] + noise + LOCKS[name][at:]
    assert parse_lock(text, name) is not None


@pytest.mark.parametrize(
    "text", ["[]", "[1]", '{"packages": 1}', '{"packages": {"a": 1}}', '{"default": []}', "null", "1"]
)
@pytest.mark.parametrize("name", [name for name in LOCKS if name.endswith(("json", "lock"))])
def test_a_lock_of_another_form_is_a_problem_or_empty(name: str, text: str) -> None:
    """Well-formed, and not what its tool writes."""
    found = parse_lock(text, name)
    assert isinstance(found, Problem) or len(found) == 0
