"""The judges of the workflow rules, entered beside those of the image."""

from __future__ import annotations

import re

from tests.release.judges import DEPLOYING, PINNED, WORKFLOWS, Files, builds, jobs, judge, steps, workflows

PATTERN = {
    "test": {"test", "quality"},
    "build": {"verify", "test", "publish"},
    "release": {"guard", "promote"},
}
GATE = "$/.github/workflows/test.yml"
WRITERS = {("build", "publish"), ("release", "promote")}


@judge("WFL001", "WFL013")
def there_are_three_workflows(files: Files) -> list[str]:
    """test, build and release, each with its jobs, and none that deploys or provisions."""
    found = {name: set(workflow["jobs"]) for name, workflow in workflows(files).items()}
    deploys = [path for path, text in files.items() if path.startswith(WORKFLOWS) and DEPLOYING.search(text)]
    return deploys + ([] if found == PATTERN else [f"workflows {found}"])


@judge("WFL002")
def pull_requests_are_tested(files: Files) -> list[str]:
    """A pull request starts the tests, and their failure counts."""
    return _runs_on_pull_requests(files, "test", ["python -m pytest"])


@judge("WFL003")
def pull_requests_are_analysed(files: Files) -> list[str]:
    """A pull request starts linting and type checks, and their failure counts."""
    return _runs_on_pull_requests(files, "quality", ["python -m ruff check .", "python -m mypy src"])


@judge("WFL004")
def pull_requests_build_without_pushing(files: Files) -> list[str]:
    """A pull request builds the image, and only jobs that it cannot start push one."""
    on_pull = "pull_request" in workflows(files)["build"]["on"]
    condition = {identity: job.get("if") for _, identity, job in jobs(files)}
    pushed = {place: inputs.get("push") for place, inputs in builds(files)}
    expected = {"build/verify": False, "build/publish": True}
    wrong = [] if pushed == expected else [f"pushes {pushed}"]
    wrong += [] if condition["publish"] == "github.event_name == 'push'" else [f"publish if {condition['publish']}"]
    return wrong + ([] if on_pull and condition["verify"] == "github.event_name == 'pull_request'" else ["no build"])


@judge("WFL005")
def tests_are_the_gate(files: Files) -> list[str]:
    """What pushes needs the tests of this commit, and a release builds nothing."""
    build = workflows(files)["build"]["jobs"]
    gates = [identity for identity, job in build.items() if job.get("uses") == GATE]
    needed = build["publish"].get("needs", [])
    wrong = [] if gates and needed in (gates[0], gates) else [f"publish needs {needed}"]
    wrong += [f"{place} builds" for place, _ in builds(files) if place.startswith("release/")]
    wrong += [] if "workflow_call" in workflows(files)["test"]["on"] else ["test.yml cannot be called"]
    lenient = [
        f"{w}/{i}" for w, i, job in jobs(files) if "continue-on-error" in job or "always()" in str(job.get("if"))
    ]
    lenient += [place for place, step in steps(files) if "continue-on-error" in step]
    return wrong + lenient


@judge("WFL006")
def version_tags_release(files: Files) -> list[str]:
    """release.yml starts when a version tag is pushed, and by nothing else."""
    on = workflows(files)["release"]["on"]
    return [] if on == {"push": {"tags": ["v*"]}} else [f"release on {on}"]


@judge("WFL007")
def permissions_are_least(files: Files) -> list[str]:
    """Nothing by default, reading per job, and writing packages only where a tag is written."""
    wrong = [name for name, workflow in workflows(files).items() if workflow.get("permissions") != {}]
    for name, identity, job in jobs(files):
        writes = {"packages": "write"} if (name, identity) in WRITERS else {}
        wrong += [] if job.get("permissions") == {"contents": "read", **writes} else [f"{name}/{identity}"]
    kept = [
        place
        for place, step in steps(files)
        if "actions/checkout" in step.get("uses", "") and step.get("with", {}).get("persist-credentials") is not False
    ]
    return wrong + kept


@judge("WFL008")
def actions_are_pinned(files: Files) -> list[str]:
    """Every action is named by commit, with the version it stands for."""
    lines = [
        line.split("uses:", 1)[1].strip()
        for path, text in files.items()
        if path.startswith(WORKFLOWS)
        for line in text.splitlines()
        if re.match(r"\s*(- )?uses:", line)
    ]
    return [line for line in lines if line != GATE and not PINNED.fullmatch(line)]


@judge("WFL009")
def strangers_get_no_secrets(files: Files) -> list[str]:
    """No trigger gives a fork's code the rights of this repository."""
    risky = {"pull_request_target", "workflow_run", "issue_comment"}
    return [name for name, workflow in workflows(files).items() if risky & set(workflow["on"])]


@judge("WFL010")
def releases_queue_per_tag(files: Files) -> list[str]:
    """Runs of one tag wait for each other and are never cut off."""
    wanted = {"group": "release-${{ github.ref }}", "cancel-in-progress": False}
    given = workflows(files)["release"].get("concurrency")
    return [] if given == wanted else [f"concurrency {given}"]


@judge("WFL012")
def images_say_where_they_come_from(files: Files) -> list[str]:
    """What is pushed carries provenance and a list of its parts."""
    pushed = [inputs for _, inputs in builds(files) if inputs.get("push") is not False]
    return [
        f"provenance {i.get('provenance')}, sbom {i.get('sbom')}"
        for i in pushed
        if i.get("provenance") != "mode=max" or i.get("sbom") is not True
    ]


@judge("WFL014")
def logic_is_in_scripts(files: Files) -> list[str]:
    """A run step is one command on one line."""
    return [step["run"] for _, step in steps(files) if re.search(r"\n.|&&|\|\||;|\|", step.get("run", "").strip())]


@judge("OWN002")
def the_image_is_the_only_artefact(files: Files) -> list[str]:
    """Besides checking out, setting up, logging in and building, no action does anything."""
    known = {
        "actions/checkout", "actions/setup-python",
        "docker/setup-buildx-action", "docker/login-action", "docker/build-push-action",
    }  # fmt: skip
    used = [step["uses"].partition("@")[0] for _, step in steps(files) if "uses" in step]
    runs = [step["run"] for _, step in steps(files) if "run" in step]
    return [action for action in used if action not in known] + [r for r in runs if re.search(r"\b(gh|twine)\b", r)]


@judge("OWN020")
def one_repository_is_checked_out(files: Files) -> list[str]:
    """No checkout names a repository, no command clones one, no build context is one."""
    named = [place for place, step in steps(files) if {"repository", "token"} & set(step.get("with", {}))]
    cloned = [path for path, text in files.items() if re.search(r"git (clone|submodule)|git\+https", text)]
    return named + cloned + [place for place, inputs in builds(files) if inputs.get("context") != "."]


@judge("IMG010")
def the_guard_comes_first(files: Files) -> list[str]:
    """The release is written only after the guard, which sees main's whole history, let it pass."""
    release = workflows(files)["release"]["jobs"]
    wrong = [] if release["promote"].get("needs") == "guard" else ["promote does not need guard"]
    checkout = release["guard"]["steps"][0].get("with", {})
    wrong += [] if checkout.get("fetch-depth") == 0 else ["guard does not see main"]
    runs = [step["run"] for step in release["guard"]["steps"] if "run" in step]
    return wrong + ([] if runs == ["python3 docker/guard.py"] else [f"guard runs {runs}"])


def _runs_on_pull_requests(files: Files, identity: str, commands: list[str]) -> list[str]:
    workflow = workflows(files)["test"]
    runs = [step.get("run") for step in workflow["jobs"][identity]["steps"]]
    wrong = [f"{command} is not run" for command in commands if command not in runs]
    lenient = "continue-on-error" in str(workflow["jobs"][identity]) or "if" in workflow["jobs"][identity]
    return wrong + (["failure does not count"] if lenient or "pull_request" not in workflow["on"] else [])
