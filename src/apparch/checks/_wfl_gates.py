"""The judges of what a pull request runs, and of what has to pass before an image is pushed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from apparch.app.ci import Act, all_acts, foreign
from apparch.app.meanings import Meaning, meanings
from apparch.app.repo import AppRepo
from apparch.app.stages import final, is_aside, lineage, released
from apparch.catalogue.model import Text
from apparch.checks._shared import finding
from apparch.finding import Answer, Finding, Unknown
from apparch.repository import Place, Problem
from apparch.repository.programs import program
from apparch.repository.shell import Command, parse_commands
from apparch.repository.workflow import Step, Workflow, functions, names, ran, reached, scripts_of, workflows
from apparch.repository.workflow.events import (
    Event,
    published_release,
    pull_request,
    pushed_branch,
    pushed_tag,
    starts,
)

_COLLECTORS = frozenset(
    {"pre-commit", "prek", "action", "tox", "nox", "make", "just", "hatch", "task", "poe", "inv", "invoke", "docker"}
)
"""Programs that run others by settings of their own."""
_OPEN = frozenset({"mvn", "mvnw", "gradle", "gradlew", "npm", "yarn", "pnpm", "go", "cargo", "make", "bundle", "sbt"})
"""Programs that run what their arguments say."""
_IN_AN_EXPRESSION = Text(ko="명령이 무엇을 돌리는지 여기서는 모른다", en="what the command runs cannot be told here")
_ANOTHER_CI = Text(ko="다른 CI가 무엇을 돌리는지 여기서는 모른다", en="what another CI runs is not told here")
_OTHER_CI = (
    *(".circleci/config.yml", ".travis.yml", ".gitlab-ci.yml", "Jenkinsfile", "azure-pipelines.yml", ".cirrus.yml"),
    *(
        "appveyor.yml",
        ".appveyor.yml",
        ".drone.yml",
        ".woodpecker.yml",
        "bitbucket-pipelines.yml",
        ".semaphore/semaphore.yml",
    ),
    *(".buildkite/pipeline.yml", "cloudbuild.yaml", ".packit.yaml", ".zuul.yaml", ".builds/"),
)
_BRANCHES = ("main", "master", "trunk", "develop", "dev")


def wfl002(app: AppRepo) -> Iterator[Answer]:
    """Every pull request runs the tests, and their failure counts."""
    yield from _on_pull_requests(app, "WFL002", ("test",), "테스트", "tests")


def wfl003(app: AppRepo) -> Iterator[Answer]:
    """Every pull request runs linting and static analysis, and their failure counts."""
    bot = next((path for path in (".pre-commit-config.yaml", ".pre-commit-config.yml") if app.root.has(path)), None)
    answers = list(
        _on_pull_requests(app, "WFL003", ("lint", "types"), "린트와 정적 분석", "linting or static analysis")
    )
    if bot and any(isinstance(each, Finding) and each.place.path.startswith(".github") for each in answers):
        reason = Text(ko="pre-commit.ci가 돌리는지 모른다", en="whether pre-commit.ci runs it is not known")
        yield Unknown("WFL003", Place(bot), reason)
        return
    yield from answers
    if not answers:
        yield from _left_out(app)


def wfl004(app: AppRepo) -> Iterator[Answer]:
    """A pull request builds the image, and pushes none."""
    event = _pull_request(app)
    found = all_acts(app.root)
    for each in found:
        if each.meaning == "push" and each.surely_happens(event):
            ko, en = f"{each.told}: 풀 리퀘스트가 이미지를 올린다", f"{each.told}: a pull request pushes an image"
            yield finding("WFL004", each.place, ko, en)
    if any(each.meaning == "build" and each.may_happen(event) for each in found):
        return
    if len(app.workflows) > len(workflows(app.root)):
        reason = Text(ko="읽을 수 없는 워크플로우가 있다", en="there is a workflow that cannot be read")
        yield Unknown("WFL004", app.home, reason)
    elif any(_calls_others(app, event)):
        reason = Text(ko="다른 레포의 워크플로우를 부른다", en="it calls a workflow of another repository")
        yield Unknown("WFL004", next(_calls_others(app, event)), reason)
    elif any(released(app)):
        place = next((each.workflow.node.key("on") for each in found if each.meaning == "build"), None)
        ko, en = "풀 리퀘스트가 이미지를 빌드하지 않는다", "no pull request builds the image"
        yield finding("WFL004", place or _first(app), ko, en)


def wfl005(app: AppRepo) -> Iterator[Answer]:
    """What pushes an image waits for the tests of its commit."""
    if _tested_in_the_build(app):
        return
    found = all_acts(app.root)
    for each in found:
        if each.meaning != "push" or (each.run and each.run.name in ("skopeo", "crane")):
            continue
        if each.run and each.run.does("docker", "push") and is_aside("".join(each.run.words[1:2])):
            continue
        pushing = (*_pushing_events(each.workflow), *_after_others(app, each.workflow))
        events = [event for event in pushing if each.may_happen(event)]
        if not events:
            continue
        before = each.job.waits_for()
        gates = [
            gate
            for gate in found
            if gate.workflow is each.workflow
            and gate.meaning == "test"
            and not gate.swallowed
            and (gate.job.id in before or (gate.job is each.job and found.index(gate) < found.index(each)))
        ]
        needed = [job for job in foreign(app.root, each.workflow) if job.id in before]
        if needed:
            reason = Text(
                ko="여기서 읽을 수 없는 워크플로우를 기다린다", en="it waits for a workflow that cannot be read here"
            )
            yield Unknown("WFL005", needed[0].place, reason)
        elif not gates and (open_gates := [place for job, place in _untold(app, events[0]) if job in before]):
            yield Unknown("WFL005", open_gates[0], _IN_AN_EXPRESSION)
        elif not gates or not all(any(gate.may_happen(event) for gate in gates) for event in events):
            ko, en = f"{each.told}: 테스트를 기다리지 않는다", f"{each.told}: it does not wait for the tests"
            yield finding("WFL005", each.place, ko, en)
        elif moved := _other_ref(each):
            ko, en = (
                "테스트한 커밋이 아닌 것을 체크아웃한다",
                "it checks out something else than the commit that was tested",
            )
            yield finding("WFL005", moved, ko, en)
        elif _regardless(each):
            ko, en = f"job {each.job.id}는 테스트가 실패해도 돈다", f"the job {each.job.id} runs even when tests failed"
            yield finding("WFL005", each.job.node.at("if").place, ko, en)


def _on_pull_requests(app: AppRepo, rule: str, wanted: tuple[Meaning, ...], ko: str, en: str) -> Iterator[Answer]:
    event = _pull_request(app)
    found = [each for each in all_acts(app.root) if each.meaning in wanted]
    run = [each for each in found if each.may_happen(event) or each.may_happen(_target(event))]
    counted = [each for each in run if not each.swallowed]
    if not run:
        if unread := sorted({*app.workflows} - {each.path for each in workflows(app.root)}):
            reason = Text(ko="읽을 수 없는 워크플로우가 있다", en="there is a workflow that cannot be read")
            yield Unknown(rule, Place(unread[0]), reason)
        elif any(_calls_others(app, event)):
            reason = Text(ko="다른 레포의 워크플로우를 부른다", en="it calls a workflow of another repository")
            yield Unknown(rule, next(_calls_others(app, event)), reason)
        elif told := next(_untold(app, event), None):
            yield Unknown(rule, told[1], _IN_AN_EXPRESSION)
        elif inside := next(_in_containers(app, event, wanted), None):
            yield Unknown(rule, inside, _IN_AN_EXPRESSION)
        elif elsewhere := _other_ci(app):
            yield Unknown(rule, elsewhere, _ANOTHER_CI)
        elif found:
            own = next((each for each in found if not each.reached.trail), found[0])
            place = own.workflow.node.key("on")
            yield finding(rule, place, f"풀 리퀘스트에서 {ko}가 돌지 않는다", f"no pull request runs {en}")
        else:
            yield finding(rule, _first(app), f"어느 워크플로우도 {ko}를 돌리지 않는다", f"no workflow runs {en}")
    elif not counted:
        place = run[0].place
        yield finding(
            rule, place, f"{run[0].told}의 실패가 세어지지 않는다", f"a failure of {run[0].told} does not count"
        )
    elif (filtered := _filtered(counted, event)) and not any(_untold(app, event)):
        yield finding(
            rule,
            filtered,
            f"어떤 풀 리퀘스트에서는 {ko}가 돌지 않는다",
            f"some pull requests run no {en.replace(' or ', ' and no ')}",
        )


def _untold(app: AppRepo, event: Event) -> Iterator[tuple[str, Place]]:
    """The jobs that the event starts and their commands of which nothing tells what they run."""
    for workflow in workflows(app.root):
        for each in reached(app.root, workflow) if starts(workflow, event) else ():
            for command in ran(app.root, each.step):
                words = command.command.words
                is_open = any(re.fullmatch(r"\$\{\{[^}]*matrix[^}]*\}\}", word) for word in words)
                is_set_up = program(words).name in ("tox", "nox") and each.step.job is not None
                by_matrix = is_set_up and (each.step.job or each.job).node.at("strategy", "matrix").present
                if (
                    by_matrix
                    or _is_made_elsewhere(app, command.command, each.step)
                    or (is_open and (program(words).name in _OPEN or words[0].startswith("$")))
                ):
                    yield each.job.id, command.place


def _in_containers(app: AppRepo, event: Event, wanted: tuple[Meaning, ...]) -> Iterator[Place]:
    """The steps that hand a script of the repository to a container, where that script would run what is wanted."""
    for workflow in workflows(app.root):
        for each in reached(app.root, workflow) if starts(workflow, event) else ():
            for command in ran(app.root, each.step):
                if program(command.command.words).name not in ("docker", "podman", "nerdctl", "ssh", "vagrant"):
                    continue
                named = [path for word in command.command.words for path in app.root.files if _names(word, path)]
                texts = [app.glance(path) for path in named]
                runs = [program(each.words) for text in texts for each in parse_commands(text)]
                if any(set(wanted) & meanings(run, app.root) for run in runs):
                    yield command.place


def _names(word: str, path: str) -> bool:
    """Whether a word is a file's path, in this machine or below the folder where it is mounted."""
    return "/" in word and (word.removeprefix("./") == path or word.endswith(f"/{path}"))


def _other_ci(app: AppRepo) -> Place | None:
    """The settings of a CI beside GitHub's."""
    found = (
        each
        for each in _OTHER_CI
        for path in app.root.files
        if path == each or (each[-1] == "/" and path.startswith(each))
    )
    return next((Place(each.rstrip("/")) for each in found), None)


def _is_made_elsewhere(app: AppRepo, command: Command, step: Step) -> bool:
    """Whether make runs what no Makefile here says, or one that takes in others."""
    if program(command.words).name != "make":
        return False
    found = scripts_of(app.root, command, step.directory)
    return not found or any(re.search(r"^-?include\s", str(app.root.text(each.path)), re.MULTILINE) for each in found)


def _filtered(run: Iterable[Act], event: Event) -> Place | None:
    """The filter of paths that keeps some pull requests from every workflow that would run this."""
    places: list[Place] = []
    for each in run:
        trigger = each.workflow.trigger(event.name) or each.workflow.trigger("pull_request_target")
        if trigger is None:
            continue
        keys = [key for key in ("paths", "paths-ignore") if trigger.filters.at(key).present]
        if not keys or any(path in ("**", "*") for path in trigger.listed("paths")):
            return None
        places.append(trigger.filters.key(keys[0]))
    return places[0] if places else None


def _left_out(app: AppRepo) -> Iterator[Answer]:
    """A tool that the project has settings for and whose kind of check no pull request runs."""
    event = _pull_request(app)
    run = [each for each in all_acts(app.root) if each.may_happen(event)]
    if app.directory or any(
        (each.run.name if each.run else each.told.rpartition("/")[2]) in _COLLECTORS for each in run
    ):
        return
    for meaning, tool in _configured(app):
        of_kind = [each for each in run if each.meaning == meaning]
        if any(not each.swallowed for each in of_kind):
            continue
        place = of_kind[0].place if of_kind else next((each.workflow.node.key("on") for each in run), None)
        if place:
            ko, en = (
                f"설정이 있는 {tool}을 돌리지 않거나 실패를 세지 않는다",
                f"{tool} has settings and is not run, or its failure does not count",
            )
            yield finding("WFL003", place, ko, en)


def _configured(app: AppRepo) -> Iterator[tuple[Meaning, str]]:
    text = app.root.text("pyproject.toml") if app.root.has("pyproject.toml") else ""
    settings = text if isinstance(text, str) else ""
    if "[tool.ruff" in settings or app.root.has("ruff.toml") or app.root.has(".flake8"):
        yield "lint", "ruff" if not app.root.has(".flake8") else "flake8"
    if "[tool.mypy]" in settings or app.root.has("mypy.ini"):
        yield "types", "mypy"


def _pull_request(app: AppRepo) -> Event:
    """A pull request for the branch that the workflows speak of."""
    named = [
        branch
        for workflow in workflows(app.root)
        for trigger in workflow.triggers
        if trigger.name in ("pull_request", "push")
        for branch in trigger.listed("branches")
    ]
    return pull_request(next((each for each in _BRANCHES if each in named), "main"))


def _target(event: Event) -> Event:
    return Event("pull_request_target", f"refs/heads/{event.base}", event.base)


def _pushing_events(workflow: Workflow) -> list[Event]:
    named = [branch for trigger in workflow.triggers for branch in trigger.listed("branches") if "*" not in branch]
    branches = [pushed_branch(each) for each in dict.fromkeys(("main", "master", *named))]
    hand = Event("workflow_dispatch", f"refs/heads/{named[0] if named else 'main'}")
    return [each for each in (*branches, pushed_tag(), published_release(), hand) if starts(workflow, each)]


def _after_others(app: AppRepo, workflow: Workflow) -> list[Event]:
    """That another workflow has ended, where nothing asks how: it may have failed."""
    text = app.glance(workflow.path)
    event = Event("workflow_run", "refs/heads/main")
    return [event] if "conclusion" not in text and "uses: ./" not in text and starts(workflow, event) else []


def _other_ref(act: Act) -> Place | None:
    """Where a job that pushes checks out a branch by name, which may have moved since the tests."""
    for step in act.job.steps:
        ref = step.given.get("ref") if step.uses and step.uses.name == "actions/checkout" else None
        if ref is not None and "repository" not in step.given and str(ref).removeprefix("refs/heads/") in _BRANCHES:
            return ref.place
    return None


def _regardless(act: Act) -> bool:
    """Whether a job runs also when what it needs has failed."""
    asked = act.job.condition
    if asked is None or isinstance(asked, Problem):
        return False
    called = {each.lower() for each in functions(asked)}
    checks = any(path[0] == "needs" and path[-1] in ("result", "outputs") for path in names(asked))
    return bool(called & {"always", "failure"}) and not checks


def _tested_in_the_build(app: AppRepo) -> bool:
    """Whether the image cannot be built unless its tests pass."""
    for _, stages in released(app):
        for stage in lineage(stages, final(stages)):
            for each in stage.all("RUN"):
                text = re.sub(r"--(mount|network|security)=\S+\s*", "", each.argument)
                if any("test" in meanings(program(command.words), app.root) for command in parse_commands(text)):
                    return True
    return False


def _calls_others(app: AppRepo, event: Event) -> Iterator[Place]:
    for workflow in workflows(app.root):
        if starts(workflow, event):
            yield from (job.place for job in foreign(app.root, workflow))


def _first(app: AppRepo) -> Place:
    found = workflows(app.root)
    named = [each for each in found if PurePosixPath(each.path).stem in ("test", "ci", "build")]
    first = (named or list(found))[0] if found else None
    return first.node.key("on") if first else Place(app.workflows[0])
