"""Section 4 of the App document drawn from the workflow files, and its table of triggers written from what ran."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apparch.catalogue import yaml_text

Text = Mapping[str, str]

# A job that has no words here cannot be drawn: renaming one without telling the reader is an error.
JOBS: Mapping[tuple[str, str], Text] = {
    ("test", "test"): {"ko": "테스트", "en": "Tests"},
    ("test", "quality"): {"ko": "린트와 정적 분석", "en": "Linting and static analysis"},
    ("build", "verify"): {"ko": "이미지 빌드, 푸시 없음", "en": "Image build, no push"},
    ("build", "publish"): {"ko": "이미지 빌드와 푸시", "en": "Image build and push"},
    ("release", "guard"): {"ko": "검사: SemVer인가, main의 커밋인가", "en": "Check: SemVer? commit on main?"},
    ("release", "promote"): {
        "ko": "테스트한 다이제스트에<br/>버전 태그를 붙임",
        "en": "The tested digest<br/>gets the version tag",
    },
}
EVENTS: Mapping[str, Text] = {
    "pull_request": {"ko": "풀 리퀘스트", "en": "Pull request"},
    "push main": {"ko": "main에 병합", "en": "Merge to main"},
    "push v*": {"ko": "릴리스 태그 푸시<br/>v1.2.3", "en": "Release tag pushed<br/>v1.2.3"},
}
TAGS: Mapping[tuple[str, str], Text] = {
    ("build", "publish"): {"ko": "GHCR<br/>sha-전체 커밋", "en": "GHCR<br/>sha-full commit"},
    ("release", "promote"): {"ko": "GHCR<br/>v1.2.3", "en": "GHCR<br/>v1.2.3"},
}
CHANGE: Text = {"ko": "코드 변경", "en": "Code change"}
PASSED: Text = {"ko": "통과", "en": "passed"}
DIGEST: Text = {"ko": "같은 다이제스트", "en": "the same digest"}
END: Text = {"ko": "App 레포의 책임 끝", "en": "App repo's responsibility ends"}
COLUMNS: Mapping[str, tuple[str, str, str]] = {
    "ko": ("트리거", "만들어지는 태그", "결과"),
    "en": ("Trigger", "Tag made", "Result"),
}
NO_TAG: Text = {"ko": "없음", "en": "none"}


@dataclass(frozen=True)
class Job:
    """A job as one event starts it: where it stands, and the jobs of the same run that must succeed first."""

    event: str
    workflow: str
    name: str
    needs: tuple[str, ...]
    writes: bool

    @property
    def node(self) -> str:
        """The identifier in the diagram."""
        return re.sub(r"\W+", "_", f"{self.event} {self.workflow} {self.name}").strip("_")


def diagram(workflows: Mapping[str, str], language: str) -> str:
    """The Mermaid flowchart of all workflows (file name without ending -> text); ValueError for a job without words."""
    contents = {name: _load(text) for name, text in workflows.items()}
    jobs = list(_jobs(contents))
    lines = ["flowchart TD", f'    change["{CHANGE[language]}"] --> {_event_node("pull_request")}']
    for event in dict.fromkeys(job.event for job in jobs):
        lines.append(f'    {_event_node(event)}{{{{"{EVENTS[event][language]}"}}}}')
        lines += list(_run([job for job in jobs if job.event == event], language))
    checked = " & ".join(job.node for job in jobs if job.event == "pull_request")
    lines.append(f"    {checked} --> {_event_node('push main')}")
    lines.append(f"    tag_build --> {_event_node('push v*')}")
    lines.append(f"    tag_build -. {DIGEST[language]} .-> tag_release")
    lines.append(f'    tag_release --> done(["{END[language]}"])')
    return "\n".join(lines) + "\n"


def matrix_table(matrix: str, language: str) -> list[str]:
    """The lines of the Markdown table trigger by tag by result, from the file whose rows the tests execute."""
    rows = [(row["trigger"][language], _tag(row, language), row["result"][language]) for row in yaml_text.read(matrix)]
    return [f"| {' | '.join(cells)} |" for cells in (COLUMNS[language], ("---",) * 3, *rows)]


def _tag(row: Mapping[str, Any], language: str) -> str:
    if "publishes" not in row:
        return NO_TAG[language]
    return f"`{re.sub(r'{[a-z]+}', {'ko': '<전체 커밋>', 'en': '<full commit>'}[language], row['publishes'])}`"


def _run(jobs: list[Job], language: str) -> Iterator[str]:
    for job in jobs:
        words = JOBS.get((job.workflow, job.name))
        if words is None:
            raise ValueError(f"the job {job.name} of {job.workflow}.yml has no words in the diagram")
        yield f'    {job.node}["{words[language]}"]'
        before = [other.node for other in jobs if other.name in job.needs]
        if before:
            yield f"    {' & '.join(before)} -->|{PASSED[language]}| {job.node}"
        else:
            yield f"    {_event_node(job.event)} --> {job.node}"
        if job.writes:
            yield f'    {job.node} --> tag_{job.workflow}[("{TAGS[job.workflow, job.name][language]}")]'


def _jobs(workflows: Mapping[str, Any]) -> Iterator[Job]:
    for event in EVENTS:
        for name, content in workflows.items():
            if event in _events(content["on"]):
                yield from _started(event, name, workflows)


def _started(event: str, name: str, workflows: Mapping[str, Any]) -> Iterator[Job]:
    """The jobs of a workflow that an event starts; a job that calls a workflow stands for that one's jobs."""
    called: dict[str, tuple[str, ...]] = {}
    for identity, job in workflows[name]["jobs"].items():
        only = re.search(r"github\.event_name == '(\w+)'", str(job.get("if", "")))
        if only and only[1] != event.split(maxsplit=1)[0]:
            continue
        if "uses" in job:
            other = job["uses"].rpartition("/")[2].removesuffix(".yml")
            called[identity] = tuple(workflows[other]["jobs"])
            for inner in workflows[other]["jobs"]:
                yield Job(event, other, inner, (), writes=False)
            continue
        needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
        resolved = tuple(final for need in needs for final in called.get(need, (need,)))
        yield Job(event, name, identity, resolved, job.get("permissions", {}).get("packages") == "write")


def _events(on: Mapping[str, Any]) -> list[str]:
    filters = (on.get("push") or {}) if "push" in on else {}
    pushed = [f"push {pattern}" for pattern in [*filters.get("branches", []), *filters.get("tags", [])]]
    return [*(name for name in on if name == "pull_request"), *pushed]


def _event_node(event: str) -> str:
    return "on_" + re.sub(r"\W+", "_", event).strip("_")


def _load(text: str) -> Any:
    """A workflow; YAML reads the key `on` as true."""
    content = yaml_text.read(text)
    return {("on" if key is True else key): value for key, value in content.items()}
