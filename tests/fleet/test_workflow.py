"""The scripts of the workflow over many repositories, run as its jobs run them. Git is real; `gh` stands in."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.fleet.hub import BRANCH, ROBOT, ROOT, SCRIPTS, Hub, Ran
from tests.fleet.small import of_the_older_version, small_template

pytestmark = pytest.mark.xdist_group("the fleet's workflow")
WORKFLOW = ROOT / ".github/workflows/fleet.yml"
FILES = (".copier-answers.yml", "Dockerfile", "main.py")
BODY = """\
This repo is at version 1.0.0 of its template, and there is 1.1.0. What it changed itself is kept.

### Changes that it must follow

- `clean` (1.1.0): It forgets.
  - [ENV015](https://apparch.example/r/ENV015) {statement}

### Changes that it may decline

- `fast` (1.1.0): It is fast.

To decline one, write the change and the reason under `declines` in `config/apparch.yaml`.

### What changed

- changed .copier-answers.yml
- changed Dockerfile
- changed main.py

Push to this branch and apparch leaves it alone after that. Close it and none follows until the next version.
"""


@pytest.fixture(name="hub", scope="module")
def _hub(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    """A host with one repository for each way that an update can go, all at the version before the newest."""
    folder = tmp_path_factory.mktemp("host")
    bare = small_template(folder)
    made = of_the_older_version(bare, folder / "made")
    hub = Hub(folder / "hub", bare.as_uri())
    for name in ("orders", "moved", "clash"):
        hub.publish(name, made)
    hub.push("clash", "main", "main.py", "import sys\n\n\ndef main():\n    return 1\n\n\nmain()\n")
    return hub


@pytest.fixture(name="story", scope="module")
def _story(hub: Hub) -> dict[str, Any]:
    """One repository over several runs, the first two of which are stopped by the host."""
    told: dict[str, Any] = {}
    # A stranger's branch of the same name, in a fork, with the same title: nobody's decision.
    hub.add("orders", "Update the template to 1.1.0", state="CLOSED", isCrossRepository=True)
    hub.answers(0)
    told["refused at once"] = hub.job_within("orders"), heads(hub, "orders")
    hub.answers(1)
    told["refused after the push"] = hub.job_within("orders"), heads(hub, "orders")
    hub.answers(1000)
    told["resumed"] = hub.job_within("orders"), heads(hub, "orders")
    told["pull request"] = hub.pull_requests
    told["again"] = hub.job_within("orders"), heads(hub, "orders"), hub.pull_requests
    hub.close("orders")
    told["closed"] = hub.job_within("orders"), heads(hub, "orders"), hub.pull_requests
    return told


@pytest.fixture(name="clash", scope="module")
def _clash(hub: Hub) -> Ran:
    """The job of the repository that changed the same lines."""
    hub.answers(1000)
    return hub.job("clash")


def heads(hub: Hub, name: str) -> dict[str, str]:
    """The branches of a repository of the host."""
    lines = hub.remote(name, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads").splitlines()
    return {branch: commit for branch, _, commit in (line.partition(" ") for line in lines)}


def outcome(ran: Ran) -> tuple[int, str]:
    """How the job ended, and what it says of the repository."""
    return ran.code, str(ran.update and ran.update["outcome"])


def test_a_host_that_answers_no_more_stops_the_job(story: dict[str, Any]) -> None:
    """Before anything was pushed, or between the push and the pull request; the job is red, so that it is run again."""
    (first, before), (second, after) = story["refused at once"], story["refused after the push"]
    assert (outcome(first), list(before), outcome(second), list(after)) == (
        (1, "rate-limited"),
        ["main"],
        (1, "rate-limited"),
        [BRANCH, "main"],
    )
    assert "::error::orders: rate-limited HTTP 403: API rate limit exceeded for installation ID 1." in first.log


def test_the_next_run_goes_on_where_the_last_one_stopped(story: dict[str, Any]) -> None:
    """The branch is there and stays as it is; only the pull request was missing."""
    ran, after = story["resumed"]
    assert (outcome(ran), after) == ((0, "opened"), story["refused after the push"][1])


def test_there_is_one_pull_request_with_the_reason_and_the_rules(story: dict[str, Any]) -> None:
    """From which version to which, what must be followed by which rule, what may be declined, and which files."""
    from apparch.catalogue import load_catalogue
    from apparch.report.markdown import escaped

    (one,) = story["pull request"]
    statement = escaped(load_catalogue().rules["ENV015"].statement.en)
    assert (one["head"], one["base"], one["title"]) == (BRANCH, "main", "Update the template to 1.1.0")
    assert one["body"] == BODY.format(statement=statement)


def test_a_second_run_does_nothing(story: dict[str, Any]) -> None:
    """The same commit, the same pull request, as it was."""
    ran, after, pulls = story["again"]
    assert (outcome(ran), after, pulls) == ((0, "unchanged"), story["resumed"][1], story["pull request"])


def test_a_closed_pull_request_stays_closed(story: dict[str, Any]) -> None:
    """Until there is another version."""
    ran, after, pulls = story["closed"]
    assert (outcome(ran), after, len(pulls), pulls[0]["state"]) == ((0, "declined"), story["again"][1], 1, "CLOSED")


def test_what_is_committed_is_the_update_alone(hub: Hub, story: dict[str, Any]) -> None:
    """One commit on the base, by apparch; the base itself is as it was."""
    show = ("show", "--format=%an%n%s", "--name-only", BRANCH)
    lines = hub.remote("orders", *show).splitlines()
    assert lines == ["apparch", "Update the template to 1.1.0", "", *FILES]
    assert hub.remote("orders", "rev-parse", f"{BRANCH}^") == story["again"][1]["main"]


def test_a_branch_that_somebody_pushed_to_is_left_alone_and_told(hub: Hub, story: dict[str, Any]) -> None:
    """Whatever the base has become."""
    commit = hub.push("orders", BRANCH, "notes.md", "mine\n")
    pulls = [each | {"state": "OPEN"} for each in hub.pull_requests]
    (hub.folder / "pulls.json").write_text(json.dumps(pulls))
    hub.push("orders", "main", "README.md", "moved on\n")
    ran = hub.job_within("orders")
    assert (outcome(ran), heads(hub, "orders")[BRANCH], hub.pull_requests) == ((0, "foreign"), commit, pulls)
    assert "::warning::orders: foreign https://git.example/team/orders/pull/1 " in ran.log
    assert ran.log.rstrip().endswith("By hand")


def test_a_conflict_opens_nothing_and_is_told(hub: Hub, clash: Ran) -> None:
    """Nothing is pushed, and the row says so."""
    assert (outcome(clash), list(heads(hub, "clash"))) == ((0, "conflict"), ["main"])
    assert [each for each in hub.pull_requests if each["repo"].endswith("clash")] == []
    assert "::warning::clash: conflict apparch: 1.1.0 changes lines that this repository changed" in clash.log


def test_an_older_branch_of_its_own_is_taken_further(hub: Hub) -> None:
    """By a merge of the base and a commit on top: what was pushed stays in its history, and nothing is forced."""
    hub.remote("moved", "branch", BRANCH, "main")
    earlier = hub.push("moved", BRANCH, "earlier.txt", "an update of last year\n", ROBOT)
    hub.push("moved", "main", "README.md", "moved on\n")
    pull = hub.add("moved", "Update the template to 1.0.5")
    ran = hub.job_within("moved")
    history = hub.remote("moved", "rev-list", BRANCH).splitlines()
    (one,) = (each for each in hub.pull_requests if each["repo"] == pull["repo"])
    assert (outcome(ran), earlier in history, heads(hub, "moved")["main"] in history) == ((0, "updated"), True, True)
    assert (one["number"], one["edits"], one["title"]) == (90, 1, "Update the template to 1.1.0")


def test_the_page_tells_what_came_of_each(hub: Hub, clash: Ran) -> None:
    """A repository whose job left nothing behind is told as well, and so is the summary."""
    (hub.folder / "runner/results/moved.json").unlink(missing_ok=True)
    (hub.folder / "runner/summary").write_text("")
    ran = hub.job("", ["page"])
    summary = (hub.folder / "runner/summary").read_text()
    page = (hub.folder / "runner/fleet/index.html").read_text()
    assert (ran.code, summary.splitlines()[0][:7], "the update conflicts: no pull request" in page) == (
        0,
        "3 repos",
        True,
    )
    assert "| moved | cannot be read: not checked out" in summary


def test_the_matrix_comes_from_the_inventory(hub: Hub) -> None:
    """Of the one that was asked for; the order of all is `apparch fleet`'s own."""
    (hub.folder / "runner/output").write_text("")
    hub.job("", ["list"], ONLY="moved")
    key, _, text = (hub.folder / "runner/output").read_text().partition("=")
    assert (key, [each["names"] for each in json.loads(text)["include"]]) == ("matrix", ["moved"])


def test_the_token_is_told_to_nobody_but_its_host(hub: Hub, clash: Ran) -> None:
    """It stands in no checkout, no result and no log, and Git offers it to no other host."""
    kept = [file for file in (hub.folder / "runner").rglob("*") if file.is_file() and b"gh-token" in file.read_bytes()]
    script = (
        f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); from pathlib import Path; import git_commands as g;"
        "[print(g._SETTINGS.get(f'credential.{url}.helper') is not None) for url in sys.argv[1:]]"
    )
    hosts = ["https://github.com", "https://elsewhere.example"]
    done = subprocess.run([sys.executable, "-c", script, *hosts], capture_output=True, text=True, check=True)
    assert (kept, "gh-token" in clash.log, done.stdout.split()) == ([], False, ["True", "False"])


def test_nothing_forces_a_push() -> None:
    """No option and no refspec of the scripts does."""
    texts = [file.read_text("utf-8") for file in sorted(SCRIPTS.iterdir()) if file.is_file()]
    pushes = [line.strip() for text in texts for line in text.splitlines() if '"push"' in line or "git push" in line]
    assert pushes == ['git(folder, "push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}")']


def test_the_usual_linters_find_nothing() -> None:
    """Of the workflow: schema, expressions, permissions, pins; of the scripts: the shell."""
    scripts = [str(SCRIPTS / name) for name in ("install", "list", "checkout", "judge", "propose", "page")]
    said = [
        _says("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)),
        _says("actionlint", "-no-color", str(WORKFLOW)),
        _says("zizmor", "--offline", "--no-progress", "--color=never", "--quiet", str(WORKFLOW)),
        _says("shellcheck", *scripts),
        _says("shfmt", "-d", "-i", "2", "-ci", *scripts),
    ]
    assert said == [
        (0, "ok -- validation done"),
        (0, ""),
        (0, "No findings to report. Good job!"),
        (0, ""),
        (0, ""),
    ]


def test_each_token_has_the_least_that_its_steps_need() -> None:
    """The workflow's own reads the inventory; one of the App reads the job's repositories, one writes to them alone."""
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    steps = workflow["jobs"]["each"]["steps"]
    tokens = {
        step["id"]: {
            key: value for key, value in step["with"].items() if key.startswith(("permission", "repositories"))
        }
        for step in steps
        if "create-github-app-token" in step.get("uses", "")
    }
    held = {step["run"].rpartition("/")[2]: step.get("env", {}).get("GH_TOKEN") for step in steps if "run" in step}
    assert (workflow["permissions"], {job: each["permissions"] for job, each in workflow["jobs"].items()}) == (
        {},
        {job: {"contents": "read"} for job in ("list", "each", "page")},
    )
    assert tokens == {
        "reader": {"repositories": "${{ matrix.reads }}", "permission-contents": "read"},
        "writer": {
            "repositories": "${{ matrix.repositories }}",
            "permission-contents": "write",
            "permission-pull-requests": "write",
            "permission-workflows": "write",
        },
    }
    assert held == {
        "install": None,
        "checkout": "${{ steps.reader.outputs.token }}",
        "judge": None,
        "propose": "${{ steps.writer.outputs.token }}",
    }


def _says(tool: str, *arguments: str) -> tuple[int, str]:
    command = [str(Path(sysconfig.get_path("scripts")) / tool), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, check=False)
    return done.returncode, done.stdout.strip()
