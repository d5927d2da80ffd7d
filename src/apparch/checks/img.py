"""The judges of the family IMG: how images are built and tagged."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.base_images import root_by_default
from apparch.app.ci import all_acts
from apparch.app.repo import AppRepo
from apparch.app.stages import final, lineage, outside_images, released
from apparch.catalogue.model import Text
from apparch.checks._automation import img007
from apparch.checks._contexts import named_contexts
from apparch.checks._image import (
    baked_secrets,
    before_the_app,
    exec_form,
    kept_mounts,
    start_of,
    user_of,
)
from apparch.checks._image_contents import img012
from apparch.checks._image_tags import img003, img004, img006, img008
from apparch.checks._layers import img011, img017
from apparch.checks._registries import img001
from apparch.checks._shared import finding
from apparch.finding import Answer, Finding, Related, Unknown
from apparch.repository import Problem
from apparch.repository.dockerfile import Instruction
from apparch.repository.workflow import embedded, names


def img013(app: AppRepo) -> Iterator[Answer]:
    """The image runs as another user than root."""
    for _, stages in released(app):
        instruction, user = user_of(stages)
        base = lineage(stages, final(stages))[-1]
        if instruction is None:
            place, image = final(stages).begin.place, base.image or base.begin.argument
            if image.startswith("mcr.microsoft.com/windows"):
                continue
            known = root_by_default(base.image)
            if known is None:
                reason = Text(ko=f"{image}이 어느 사용자로 도는지 모른다", en=f"it is not known as whom {image} runs")
                yield Unknown("IMG013", place, reason)
            elif known:
                message = Text(
                    ko=f"USER가 없어 {image}의 root로 돈다", en=f"there is no USER, so it runs as root of {image}"
                )
                yield Finding("IMG013", place, message)
        elif user is None:
            reason = Text(ko="사용자를 빌드 인자가 정한다", en="a build argument names the user")
            yield Unknown("IMG013", instruction.place, reason)
        elif user.partition(":")[0] in ("root", "0"):
            message = Text(ko=f"이미지가 USER {user}, 곧 root로 돈다", en=f"the image runs as root, by USER {user}")
            yield Finding("IMG013", instruction.place, message)


def img014(app: AppRepo) -> Iterator[Answer]:
    """The image starts the app itself, as an array."""
    for _, stages in released(app):
        start = start_of(stages)
        if start.first is None:
            continue
        for each in (start.entrypoint, start.command):
            if each and each.argument and exec_form(each) is None:
                array = each.argument.startswith("[")
                ko = "JSON 배열이 아니어서 셸이 실행한다" if array else "셸이 실행하는 형식이다"
                en = "is no JSON array, so a shell runs it" if array else "is in shell form"
                yield Finding("IMG014", each.place, Text(ko=f"{each.name}이 {ko}", en=f"{each.name} {en}"))
                break
        else:
            parent = before_the_app(app, start)
            if parent is None:
                continue
            if not parent.sure:
                reason = Text(ko=f"{parent.name}이 앱으로 바뀌는지 모른다", en=f"whether {parent.name} becomes the app")
                yield Unknown("IMG014", parent.place, reason)
                continue
            related = () if parent.place.path == start.first.place.path else (Related(parent.place, _STAYS),)
            message = Text(ko=f"PID 1이 앱이 아니라 {parent.name}이다", en=f"PID 1 is {parent.name} and not the app")
            yield Finding("IMG014", start.first.place, message, related)


_STAYS = Text(ko="exec 없이 시작한다", en="started without exec")


def img015(app: AppRepo) -> Iterator[Answer]:
    """Every base image is pinned by digest."""
    named = named_contexts(app)
    for _, stages in released(app):
        for instruction, image in outside_images(stages):
            if image is None:
                reason = Text(ko="이미지의 이름을 빌드 인자가 정한다", en="a build argument names the image")
                yield Unknown("IMG015", instruction.place, reason)
            elif image not in ("scratch", *named) and not re.search(r"@sha256:[0-9a-f]{64}$", image):
                yield Finding("IMG015", instruction.place, _undigested(image, instruction))


def _undigested(image: str, instruction: Instruction) -> Text:
    """What lacks a digest: the image, or the argument whose default stands for one."""
    argument = re.search(r"\$\{?(\w+)", instruction.argument)
    if argument is None:
        return Text(ko=f"{image}에 다이제스트가 없다", en=f"{image} has no digest")
    given = argument[1]
    return Text(
        ko=f"ARG {given}의 값 {image}에 다이제스트가 없다", en=f"{image}, the value of ARG {given}, has no digest"
    )


def img016(app: AppRepo) -> Iterator[Answer]:
    """No secret is in a build argument, a label or the image's environment, and none that is mounted is kept."""
    for _, stages in released(app):
        for instruction, name in baked_secrets(stages):
            kinds = {
                "ARG": ("빌드 인자", "a build argument"),
                "ENV": ("이미지의 환경", "the image's environment"),
                "LABEL": ("라벨", "a label"),
            }
            ko, en = kinds[instruction.name]
            message = Text(ko=f"비밀 {name}이 {ko}에 있다", en=f"the secret {name} is in {en}")
            yield Finding("IMG016", instruction.place, message, secret=True)
        for instruction in kept_mounts(stages):
            message = Text(
                ko="마운트한 비밀을 층에 남는 파일로 쓴다",
                en="it writes a mounted secret to a file that stays in the layer",
            )
            yield Finding("IMG016", instruction.place, message)

    yield from _passed_secrets(app)


def _passed_secrets(app: AppRepo) -> Iterator[Answer]:
    """The secrets of GitHub that a build is given as arguments."""
    ko, en = "빌드 인자로 비밀을 넘긴다", "a build argument is given a secret"
    for each in all_acts(app.root):
        if each.meaning != "build":
            continue
        node = each.step.given.get("build-args") if each.run is None else None
        for part in embedded(node) if node is not None else ():
            if not isinstance(part.expression, Problem) and any(
                path[0] == "secrets" for path in names(part.expression)
            ):
                yield finding("IMG016", part.place, ko, en)
        if each.run and any("${{ secrets." in value for value in each.run.option("--build-arg")):
            yield finding("IMG016", each.place, ko, en)


__all__ = ["img001", "img003", "img004", "img006", "img007", "img008", "img011", "img012", "img017"]
