"""The judges of the workflow rules, entered beside those of the image."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.release.expressions import evaluate, truthy
from tests.release.judges import (
    DEPLOYING,
    PINNED,
    WORKFLOWS,
    Files,
    builds,
    is_build,
    is_checkout,
    jobs,
    judge,
    pushes,
    steps,
    workflows,
)

PATTERN = {
    "test": {"test", "quality"},
    "build": {"verify", "test", "publish"},
    "release": {"guard", "promote"},
}
GATE = "$/.github/workflows/test.yml"
RUN_BY_CI = (WORKFLOWS, "docker/")
SAME = "${{ github.sha }}"
ACTIVITIES = {"opened", "synchronize", "reopened"}
WRITERS = {("build", "publish"), ("release", "promote")}


@judge("WFL001", "WFL013")
def there_are_three_workflows(files: Files) -> list[str]:
    """test, build and release, each with its jobs, and none that deploys or provisions, itself or by a script."""
    found = {name: set(workflow["jobs"]) for name, workflow in workflows(files).items()}
    deploys = [path for path, text in files.items() if path.startswith(RUN_BY_CI) and DEPLOYING.search(text)]
    return deploys + ([] if found == PATTERN else [f"workflows {found}"])


@judge("WFL013")
def the_build_calls_the_tests(files: Files) -> list[str]:
    """The flow is one: build.yml starts test.yml rather than something of its own."""
    return [] if _gates(workflows(files)["build"]) else ["build does not call test.yml"]


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
    """Every pull request builds the image in some job, and no job that it starts can push one."""
    built, wrong = False, []
    for name, workflow in workflows(files).items():
        if "pull_request" not in workflow["on"]:
            continue
        for identity, job in workflow["jobs"].items():
            if not _starts_on(job, "pull_request"):
                continue
            given = [step.get("with", {}) for step in job.get("steps", []) if is_build(step)]
            built = built or (
                _on_every_pull_request(workflow) and any(i.get("call", "build") == "build" for i in given)
            )
            wrong += [f"{name}/{identity} pushes" for inputs in given if pushes(inputs)]
    return wrong + ([] if built else ["no build"])


@judge("WFL005")
def tests_are_the_gate(files: Files) -> list[str]:
    """Whatever pushes waits for the tests of this commit and builds this commit; a release builds nothing."""
    wrong = [] if "workflow_call" in workflows(files)["test"]["on"] else ["test.yml cannot be called"]
    for name, workflow in workflows(files).items():
        gates = _gates(workflow)
        for identity, job in workflow["jobs"].items():
            given = [step.get("with", {}) for step in job.get("steps", []) if is_build(step)]
            if not any(pushes(inputs) for inputs in given):
                continue
            wrong += [] if gates & set(_listed(job.get("needs", []))) else [f"{name}/{identity} needs no test"]
            refs = [step.get("with", {}).get("ref", SAME) for step in job["steps"] if is_checkout(step)]
            wrong += [f"{name}/{identity} checks out {ref}" for ref in refs if ref != SAME]
            wrong += [f"{name}/{identity} builds {i['context']}" for i in given if "://" in i.get("context", "")]
    wrong += [f"{place} builds" for place, _ in builds(files) if place.startswith("release/")]
    lenient = [
        f"{w}/{i}"
        for w, i, job in jobs(files)
        if "continue-on-error" in job or re.search(r"\b(always|failure|cancelled)\(", str(job.get("if")))
    ]
    return wrong + lenient + [place for place, step in steps(files) if "continue-on-error" in step]


@judge("WFL006")
def version_tags_release(files: Files) -> list[str]:
    """release.yml starts when a version tag is pushed, and by nothing else."""
    on = workflows(files)["release"]["on"]
    return [] if on == {"push": {"tags": ["v*"]}} else [f"release on {on}"]


@judge("WFL007")
def permissions_are_least(files: Files) -> list[str]:
    """No workflow may write by itself, a job only where it writes a tag, and no checkout leaves its token behind."""
    wrong = [name for name, workflow in workflows(files).items() if _writes(workflow.get("permissions", "default"))]
    for name, identity, job in jobs(files):
        needed = {"packages"} if (name, identity) in WRITERS else set()
        wrong += [] if _writes(job.get("permissions", {})) <= needed else [f"{name}/{identity}"]
    kept = [
        place
        for place, step in steps(files)
        if is_checkout(step) and step.get("with", {}).get("persist-credentials") is not False
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
    cut = [
        identity
        for name, identity, job in jobs(files)
        if name == "release" and dict(job.get("concurrency", {})).get("cancel-in-progress", False) is not False
    ]
    return cut + ([] if given == wanted else [f"concurrency {given}"])


@judge("WFL012")
def images_say_where_they_come_from(files: Files) -> list[str]:
    """What is pushed carries provenance and a list of its parts, in a form that can hold them."""
    pushed = [inputs for _, inputs in builds(files) if inputs.get("push") is not False]
    wrong = [
        f"provenance {i.get('provenance')}, sbom {i.get('sbom')}"
        for i in pushed
        if i.get("provenance") != "mode=max" or i.get("sbom") is not True
    ]
    kinds = [kind for inputs in pushed for kind in re.findall(r"type=(\w+)", inputs.get("outputs", ""))]
    return wrong + [f"type={kind} holds neither" for kind in kinds if kind not in ("image", "registry")]


@judge("WFL014")
def logic_is_in_scripts(files: Files) -> list[str]:
    """A run step is one command on one line."""
    return [step["run"] for _, step in steps(files) if re.search(r"\n.|&&|\|\||;|\|", step.get("run", "").strip())]


@judge("DIR011")
def tests_bring_what_they_need(files: Files) -> list[str]:
    """No job has a server started for it from outside, and none runs in a container of its own choosing."""
    return [f"{w}/{identity}" for w, identity, job in jobs(files) if {"services", "container"} & set(job)]


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
    wrong += [] if _on_every_pull_request(workflow) else [f"not on every pull request: {workflow['on']}"]
    return wrong + (["failure does not count"] if lenient else [])


def _on_every_pull_request(workflow: Mapping[str, Any]) -> bool:
    """Whether no branch, path or kind of activity keeps a pull request from starting it."""
    on = workflow["on"]
    filters = (on.get("pull_request") or {}) if isinstance(on, Mapping) else {}
    types = set(filters.get("types", ACTIVITIES))
    return "pull_request" in on and filters.keys() <= {"types"} and types >= ACTIVITIES


def _starts_on(job: Mapping[str, Any], event: str) -> bool:
    return truthy(evaluate(str(job.get("if", "true")), {"github": {"event_name": event}}))


def _gates(workflow: Mapping[str, Any]) -> set[str]:
    return {identity for identity, job in workflow["jobs"].items() if job.get("uses") == GATE}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _writes(permissions: str | Mapping[str, str]) -> set[str]:
    """What may be written; a text but for `read-all` means everything, as the default of a repository may."""
    if isinstance(permissions, str):
        return set() if permissions == "read-all" else {"everything"}
    return {scope for scope, right in permissions.items() if right == "write"}
