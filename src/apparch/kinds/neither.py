"""What a repository is that is neither an App repo nor a Deploy repo, and how to say it where that is wrong."""

from __future__ import annotations

import re

from apparch.catalogue.model import Text
from apparch.kinds.commands import are_commands
from apparch.kinds.images import dockerfiles
from apparch.kinds.services import hints
from apparch.kinds.sources import glance, sources
from apparch.repository import Repository
from apparch.repository.path_names import name
from apparch.repository.roles import role

_PUBLISHES = re.compile(r"chart-releaser-action|chart-testing-action|\bhelm push\b|\bcr (upload|index)\b|helm-gh-pages")
_INDEX = re.compile(r"^entries:", re.MULTILINE)
"""What a repository of charts lists them in."""
_PUBLISHED = frozenset({"ct.yaml", "cr.yaml", ".cr.yaml", "artifacthub-repo.yml", "chart-testing.yaml"})


def are_for_others(repository: Repository) -> bool:
    """Whether charts are put out for others to install, by what puts them out."""
    if any(name(path) in _PUBLISHED for path in repository.files):
        return True
    if any(name(path) == "index.yaml" and _INDEX.search(glance(repository, path)) for path in repository.files):
        return True
    workflows = (path for path in repository.files if path.startswith(".github/"))
    return any(_PUBLISHES.search(glance(repository, path)) for path in workflows)


def neither(repository: Repository) -> Text:
    """What it is instead: the first that fits."""
    names = {name(path) for path in repository.files}
    told = (
        (
            "Chart.yaml" in names,
            "차트를 다른 사람이 쓰도록 펴낸다: 차트를 모은 레포다",
            "it puts out charts for others to install: a repository of charts",
        ),
        (
            bool(names & {"copier.yml", "copier.yaml", "cookiecutter.json"}),
            "다른 레포를 만드는 템플릿이다",
            "it is a template that other repositories are made from",
        ),
        (
            repository.has("action.yml") or repository.has("action.yaml"),
            "워크플로우가 부르는 GitHub 액션이다",
            "it is an action of GitHub that workflows call",
        ),
        (bool(sources(repository)), *_of_source(repository)),
        (
            any(path.endswith(".tf") for path in repository.files),
            "클러스터 바깥의 인프라를 정한다: 여기의 규칙이 다루지 않는다",
            "it defines infrastructure outside a cluster, which no rule here is about",
        ),
        (any(role(path) == "docs" for path in repository.files), "문서만 있다", "it holds documents only"),
        (True, "앱의 소스도 매니페스트도 없다", "it has neither an app's source nor manifests"),
    )
    return next(Text(ko=ko, en=en) for holds, ko, en in told if holds)


def _of_source(repository: Repository) -> tuple[str, str]:
    if are_commands(repository, [each.evidence.place.path for each in dockerfiles(repository)]):
        return (
            "이미지는 할 일을 인자로 받는 명령을 실행한다: 명령줄 도구다",
            "its image runs a command that is told what to do: a command-line tool",
        )
    seen = hints(repository)[:1]
    if not seen:
        return (
            "소스는 있지만 이미지를 만들거나 서비스를 띄우는 것이 없다: 라이브러리나 명령줄 도구다",
            "it has source and nothing that builds an image or runs a service: a library or a command-line tool",
        )
    place, says = seen[0].place, seen[0].says
    return (
        f"소스는 있지만 서비스라고 볼 근거가 모자라다({place} {says.ko}): 라이브러리나 명령줄 도구로 보인다",
        f"it has source, and too little tells a service ({place} {says.en}): it seems a library or a command-line tool",
    )
