"""Workflows and actions as data, and what they lead to in their repository."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apparch.repository import Place, Problem, Repository
from apparch.repository.workflow import (
    UNKNOWN,
    Workflow,
    embedded,
    evaluate,
    functions,
    holds,
    interpolated,
    meant,
    names,
    parse_expression,
    parse_workflow,
    ran,
    reached,
    workflows,
)
from apparch.repository.yaml_file import parse_yaml

SHA = "08c6903cd8c0fde910a37f88322edcfb5dd907a8"
CI = f"""\
name: ci
on:
  push:
    branches: ['release/**', '!release/old']
    tags: [v*]
    paths-ignore: ['**.md']
  pull_request: {{types: [opened]}}
permissions: read-all
env: {{A: '1', B: x}}
defaults: {{run: {{shell: bash -e, working-directory: ./app}}}}
jobs:
  test:
    runs-on: [self-hosted, linux]
    environment: {{name: production}}
    services: {{db: {{image: postgres}}}}
    env: {{B: y}}
    steps:
      - uses: actions/checkout@{SHA} # v5
      - uses: docker://alpine:3
      - uses: ./.github/actions/setup
        with: {{token: '${{{{ secrets.TOKEN }}}}'}}
      - id: go
        env: {{C: z}}
        run: |
          set -e
          ./scripts/x.sh ${{{{ github.event.issue.title }}}}
          make check
  call:
    needs: test
    permissions: {{contents: read, packages: write}}
    if: github.event_name == 'push' && !cancelled()
    uses: ./.github/workflows/other.yml
  last: {{needs: [call], steps: []}}
"""
TREE = {
    ".github/workflows/ci.yml": CI,
    ".github/workflows/other.yml": (
        "on: workflow_call\njobs:\n  in:\n    steps:\n    - run: echo in\n    - uses: $/.github/actions/setup\n"
    ),
    ".github/workflows/broken.yml": "a: [",
    ".github/actions/setup/action.yml": (
        "runs:\n  using: composite\n  steps:\n  - run: echo setup\n    shell: bash\n  - uses: ./.github/actions/setup\n"
    ),
    "app/scripts/x.sh": "#!/bin/sh\nkubectl apply -f x\n. scripts/y.sh\n",
    "app/scripts/y.sh": "helm upgrade\n",
    "app/Makefile": "all:\n\ttrue\n\ncheck: lint\n\t@pytest -q\n\nlint:\n\truff check\n",
}


def ci() -> Workflow:
    """The workflow above."""
    found = workflows(Repository.of(TREE))
    assert [each.path for each in found] == [".github/workflows/ci.yml", ".github/workflows/other.yml"]
    return found[0]


def test_triggers_are_read_with_their_filters() -> None:
    """Branches, tags, paths and activities."""
    push, pull = ci().triggers
    assert (push.name, push.place, pull.types) == ("push", Place(".github/workflows/ci.yml", 3, 3), ("opened",))
    assert [push.takes_branch(name) for name in ("release/a/b", "release/old", "main")] == [True, False, False]
    assert [push.takes_tag(name) for name in ("v1", "v1/2", "x")] == [True, False, False]
    assert [push.takes_paths(paths) for paths in (["a.md"], ["a.md", "b.py"])] == [False, True]
    assert pull.takes_branch("any")


@pytest.mark.parametrize("on", ["push", "[push, workflow_dispatch]", "{push: , workflow_dispatch: }"])
def test_every_form_of_on_is_read(on: str) -> None:
    """One name, a list, a mapping; `on` is no bool."""
    workflow = parse_workflow(f"on: {on}\njobs: {{}}\n", "f")
    assert isinstance(workflow, Workflow)
    trigger = workflow.trigger("push")
    assert trigger is not None
    assert (trigger.takes_branch("b"), trigger.takes_tag("t"), trigger.takes_paths([])) == (True, True, True)


@pytest.mark.parametrize(
    ("pattern", "name", "taken"),
    [
        ("*", "a/b", False), ("**", "a/b", True), ("**.js", "a/b.js", True), ("*.jsx?", "a.js", True),
        ("v[12].[0-9]+.*", "v1.10.x", True), ("**/README.md", "README.md", True), ("docs/**", "docs/a/b", True),
        ("a\\*", "a*", True), ("[", "[", True),
    ],
)  # fmt: skip
def test_a_filter_means_what_github_says(pattern: str, name: str, taken: bool) -> None:
    """A star stops at a slash; `?` and `+` speak of the character before them."""
    assert meant([pattern], name) == taken


def test_a_job_tells_what_it_has_and_inherits() -> None:
    """Permissions, variables, environment, what it waits for."""
    workflow = ci()
    test, call, last = workflow.jobs
    assert workflow.permissions.scopes == {"*": "read"}
    assert [sorted(job.effective_permissions.writes) for job in (test, call)] == [[], ["packages"]]
    assert call.permissions.place("packages") == Place(".github/workflows/ci.yml", 30, 35)
    assert [str(each) for each in test.runs_on] == ["self-hosted", "linux"]
    assert (test.environment, list(test.services)) == ("production", ["db"])
    assert sorted(last.waits_for()) == ["call", "test"]
    step = test.steps[3]
    assert {name: str(node) for name, node in step.environment.items()} == {"A": "1", "B": "y", "C": "z"}
    assert (step.id, step.shell, step.directory) == ("go", "bash -e", "app")


def test_what_is_used_is_told_apart() -> None:
    """An action with its commit, an image, something of this repository."""
    used = [step.uses for step in ci().jobs[0].steps if step.uses]
    assert [(each.name, each.ref, each.image, each.path, each.local, each.pinned) for each in used] == [
        ("actions/checkout", SHA, "", "", False, True),
        ("", "", "alpine:3", "", False, False),
        ("", "", "", ".github/actions/setup", True, True),
    ]


def test_expressions_are_found_with_their_places() -> None:
    """In the line of the script in which they stand."""
    workflow = ci()
    found = [(each.written, each.place) for each in workflow.expressions()]
    path = workflow.path
    assert found == [
        ("secrets.TOKEN", Place(path, 21, 24)),
        ("github.event.issue.title", Place(path, 26, 26)),
    ]
    condition = workflow.jobs[1].condition
    assert condition is not None
    assert not isinstance(condition, Problem)
    assert (names(condition), list(functions(condition))) == ((("github", "event_name"),), ["cancelled"])


def expression(text: str) -> Any:
    """A well-formed expression."""
    found = parse_expression(text, Place("f"))
    assert not isinstance(found, Problem), found
    return found


KNOWN: dict[str, Any] = {"github": {"event_name": "push", "ref": "refs/tags/v1", "event": {"n": 3}}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s'", "it's"), ("0xff", 255.0), ("-9.2", -9.2), ("null", None), ("true", True),
        ("github.event_name == 'PUSH'", True), ("github['ref']", "refs/tags/v1"), ("github.event.n > 2", True),
        ("github.nothing", None), ("'1' == 1", True), ("'a' == 1", False), ("!github.nothing", True),
        ("github.nothing || 'b'", "b"), ("false && secrets.X", False), ("true || secrets.X", True),
        ("secrets.X && false", False), ("secrets.X", UNKNOWN), ("startsWith(github.ref, 'refs/tags/')", True),
        ("contains(fromJSON('[\"a\"]'), 'A')", True), ("format('{0}-{{x}}', github.event.n)", "3-{x}"),
        ("1 < 2 == true", True), ("(1 == 2 || 3 == 3) && 'y'", "y"), ("always()", True), ("success()", UNKNOWN),
    ],
)  # fmt: skip
def test_an_expression_means_what_github_says(text: str, value: object) -> None:
    """Loose equality, texts without case, short circuits; what is not told is unknown."""
    assert evaluate(expression(text), KNOWN) == value


def test_an_unknown_operand_may_not_matter() -> None:
    """A condition can be told from one side alone."""
    asked = ["secrets.X && false", "secrets.X || true", "secrets.X"]
    assert [holds(expression(text), KNOWN) for text in asked] == [False, True, None]
    assert holds(expression("github.event_name == 'x' && secrets.X"), KNOWN) is False


def test_a_text_is_filled_in() -> None:
    """Where everything in it is known."""
    assert interpolated("release-${{ github.ref }}!", KNOWN) == "release-refs/tags/v1!"
    assert interpolated("${{ secrets.X }}", KNOWN) is None


@pytest.mark.parametrize(
    "text", ["", "a b", "'a", "f(", "a..b", '"a"', "(" * 100 + "1", "a[", "1 ==", "a.b c", "!" * 99]
)
def test_what_github_refuses_is_a_problem(text: str) -> None:
    """With the reason."""
    assert isinstance(parse_expression(text, Place("f")), Problem)


def test_names_are_told_through_indices() -> None:
    """A literal index is a step, a computed one a star, and what computes it is read as well."""
    assert names(expression("a['b'].c[d.e].*.f")) == (("a", "b", "c", "*", "*", "f"), ("d", "e"))


def test_calls_within_the_repository_are_followed() -> None:
    """Reusable workflows and composite actions, one that uses itself no further than GitHub goes."""
    found = list(reached(Repository.of(TREE), ci()))
    runs = [(each.step.run.text, each.job.id, len(each.trail)) for each in found if each.step.run.present]
    assert runs[0] == ("echo setup", "test", 1)
    assert ("echo in", "call", 1) in runs
    assert ("echo setup", "call", 2) in runs
    assert found[-1].trail[0] == Place(".github/workflows/ci.yml", 32, 11)


def test_scripts_and_targets_are_followed() -> None:
    """From a step to the commands of its scripts, with the place of each."""
    step = ci().jobs[0].steps[3]
    found = [
        (" ".join(each.command.words[:2]), str(each.place), len(each.trail)) for each in ran(Repository.of(TREE), step)
    ]
    assert found == [
        ("set -e", ".github/workflows/ci.yml:25", 0),
        ("./scripts/x.sh ${{ github.event.issue.title }}", ".github/workflows/ci.yml:26", 0),
        ("kubectl apply", "app/scripts/x.sh:2", 1),
        (". scripts/y.sh", "app/scripts/x.sh:3", 1),
        ("helm upgrade", "app/scripts/y.sh:1", 2),
        ("make check", ".github/workflows/ci.yml:27", 0),
        ("pytest -q", "app/Makefile:5", 1),
        ("ruff check", "app/Makefile:8", 1),
    ]


keys = st.sampled_from(["on", "jobs", "steps", "uses", "run", "with", "env", "needs", "if", "runs-on", "strategy", "a"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("./scripts/x.sh"),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(keys, below, max_size=4),
    max_leaves=12,
)


@given(values)
def test_no_workflow_raises(value: object) -> None:
    """Whatever stands where GitHub wants something else."""
    import json

    repository = Repository.of({".github/workflows/x.yml": json.dumps(value)})
    for workflow in workflows(repository):
        assert workflow.triggers is not None
        for job in workflow.jobs:
            assert (job.needs, job.runs_on, job.environment, job.waits_for(), job.condition) is not None
        for each in reached(repository, workflow):
            step = each.step
            assert (step.shell, step.directory, step.environment, step.given, step.condition) is not None
            assert list(ran(repository, step)) is not None


@given(st.text(max_size=30) | st.text(alphabet="ab.['*]()!=&|<> 0x", max_size=40))
def test_no_expression_raises(text: str) -> None:
    """A value or a problem, and what it means or that it is unknown."""
    found = parse_expression(text, Place("f"))
    if not isinstance(found, Problem):
        evaluate(found, KNOWN)
    documents = parse_yaml("a: 'x ${{ " + text.replace("'", "''").replace("\n", " ") + " }}'", "f")
    if not isinstance(documents, Problem):
        assert embedded(documents[0].at("a")) is not None
