"""Requirement files, manifests and lock files of every ecosystem."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Reference
from packaging.utils import canonicalize_name

from apparch.repository import Place, Problem, Repository
from apparch.repository.locks import Locked, parse_lock
from apparch.repository.manifests import manifests
from apparch.repository.requirements import Requirement, Requirements, included, parse_requirement, parse_requirements

FILE = """\
# comment
--index-url=https://example.com/simple
-r base.txt
-cother/constraints.txt
Django_Rest[a, b] >=1.0,<2 ; python_version < "3.13"  # why
app==1.2 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
-e ./local
name @ https://example.com/x.whl#sha256=ab
git+https://example.com/y@0123456789012345678901234567890123456789#egg=y
!!
"""


def read() -> Requirements:
    """The file above."""
    found = parse_requirements(FILE, "in/r.txt")
    assert isinstance(found, Requirements)
    return found


def test_requirements_are_read_line_by_line() -> None:
    """Extras, markers, hashes over several lines, addresses, editable ones; a malformed line costs only itself."""
    found = read()
    place = Place("in/r.txt", 5)
    assert found.requirements[:2] == (
        Requirement("django-rest", ">=1.0,<2", place, ("a", "b"), 'python_version < "3.13"'),
        Requirement("app", "==1.2", Place("in/r.txt", 6), hashes=("sha256:aa", "sha256:bb")),
    )
    assert [(each.name, each.pinned, each.local, each.editable) for each in found.requirements] == [
        ("django-rest", False, False, False), ("app", True, False, False), ("", False, True, True),
        ("name", True, False, False), ("y", True, False, False),
    ]  # fmt: skip
    assert found.requirements[1].place.end_line == 8
    assert [each.place.line for each in found.problems] == [12]


def test_options_and_included_files_are_told() -> None:
    """From the root of the repository; a file that includes itself is read once."""
    found = read()
    assert (found.options[0].name, found.options[0].value) == ("--index-url", "https://example.com/simple")
    assert [each[:2] for each in found.includes] == [("in/base.txt", False), ("in/other/constraints.txt", True)]
    repository = Repository.of({"a.txt": "-r b.txt\nx\n", "b.txt": "-r a.txt\n-r gone.txt\ny\n"})
    names = [
        each.name
        for file in included(repository, "a.txt")
        if isinstance(file, Requirements)
        for each in file.requirements
    ]
    assert names == ["x", "y"]


versions = st.from_regex(r"[0-9]{1,2}(\.[0-9]){0,2}", fullmatch=True)
clauses = st.lists(st.tuples(st.sampled_from(["==", ">=", "<", "~=", "!="]), versions).map("".join), max_size=3)


@given(
    st.from_regex(r"[A-Za-z]([A-Za-z0-9_.-]{0,7}[A-Za-z0-9])?", fullmatch=True),
    st.lists(st.sampled_from(["x", "y-z"]), max_size=2),
    clauses,
)
def test_a_requirement_is_read_as_packaging_reads_it(name: str, extras: list[str], clauses: list[str]) -> None:
    """Beside the library that pip itself uses."""
    line = f"{name}{'[' + ', '.join(extras) + ']' if extras else ''} {', '.join(clauses)}"
    found = parse_requirement(line, Place("f"))
    try:
        reference = Reference(line)
    except InvalidRequirement:
        return
    assert isinstance(found, Requirement)
    assert found.name == canonicalize_name(reference.name)
    assert (set(found.extras), set(found.specifier.split(",")) - {""}) == (
        reference.extras, {str(each) for each in reference.specifier}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"pyproject.toml": '[project]\ndependencies = ["a"]\n', "uv.lock": ""}, ("python", "uv", "uv.lock", True)),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '3'\n"}, ("python", "poetry", None, False)),
        ({"a/pyproject.toml": "[dependency-groups]\nx = ['a']\n", "uv.lock": ""}, ("python", "uv", "uv.lock", True)),
        ({"Pipfile": "[packages]\na = '*'\n"}, ("python", "pipenv", None, True)),
        ({"requirements.txt": "a==1 --hash=sha256:x\n"}, ("python", "pip", "requirements.txt", True)),
        ({"requirements.txt": "a==1\n"}, ("python", "pip", None, True)),
        ({"package.json": '{"dependencies": {"a": "1"}}', "yarn.lock": ""}, ("npm", "yarn", "yarn.lock", True)),
        ({"p/a/package.json": '{"packageManager": "pnpm@9"}'}, ("npm", "pnpm", None, False)),
        ({"p/a/package.json": "{}", "pnpm-lock.yaml": ""}, ("npm", "pnpm", "pnpm-lock.yaml", False)),
        ({"go.mod": "module x\nrequire a.b/c v1\n"}, ("go", "", None, True)),
        ({"svc/go.mod": "module x\n", "go.sum": ""}, ("go", "", None, False)),
        ({"Cargo.toml": "[dependencies]\na = '1'\n", "Cargo.lock": ""}, ("cargo", "cargo", "Cargo.lock", True)),
        ({"pom.xml": "<dependency>"}, ("maven", "", None, True)),
        ({"build.gradle.kts": "", "gradle.lockfile": ""}, ("gradle", "gradle", "gradle.lockfile", None)),
        ({"Gemfile": "gem 'a'\n", "Gemfile.lock": ""}, ("bundler", "bundler", "Gemfile.lock", True)),
        ({"composer.json": '{"require": {"php": "8"}}'}, ("composer", "", None, False)),
        ({"mix.exs": "{:a, \"1\"}", "mix.lock": ""}, ("mix", "mix", "mix.lock", True)),
        ({"a.csproj": "<PackageReference", "packages.lock.json": ""}, ("nuget", "nuget", "packages.lock.json", True)),
    ],
)  # fmt: skip
def test_a_manifest_tells_its_lock_and_tool(
    files: dict[str, str], told: tuple[str, str, str | None, bool | None]
) -> None:
    """Beside it, or at the root of a workspace where its ecosystem has some."""
    (found,) = manifests(Repository.of(files))
    assert (found.ecosystem, found.tool, found.lock, found.declares) == told


def test_a_compiled_requirement_file_locks_what_is_beside_it() -> None:
    """If each line has its hash; one file alone may also be pinned without being hashed."""
    files = {
        "pyproject.toml": "[project]\ndependencies = ['a']\n",
        "requirements/run.txt": "a==1 --hash=sha256:x\n",
        "requirements.in": "a\n",
    }
    found = {
        each.path: each
        for each in manifests(Repository.of({**files, "requirements.txt": "-r requirements/run.txt\nb==1\n"}))
    }
    assert found["pyproject.toml"].lock == "requirements/run.txt"
    assert (found["requirements.txt"].pinned, found["requirements.txt"].hashed) == (True, False)
    assert found["requirements.in"].lock == "requirements.txt"


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
    """Whatever is put into it; a manifest is no error either."""
    text = LOCKS[name][:at] + noise + LOCKS[name][at:]
    assert parse_lock(text, name) is not None
    repository = Repository.of(
        dict.fromkeys(("pyproject.toml", "package.json", "Cargo.toml", "composer.json", "requirements.txt"), text)
    )
    assert len(manifests(repository)) == 5


@pytest.mark.parametrize(
    "text", ["[]", "[1]", '{"packages": 1}', '{"packages": {"a": 1}}', '{"default": []}', "null", "1"]
)
@pytest.mark.parametrize("name", [name for name in LOCKS if name.endswith(("json", "lock"))])
def test_a_lock_of_another_form_is_a_problem_or_empty(name: str, text: str) -> None:
    """Well-formed, and not what its tool writes."""
    found = parse_lock(text, name)
    assert isinstance(found, Problem) or len(found) == 0
