"""The judges of the family IMG: how images are built and tagged."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.app.repo import AppRepo
from apparch.catalogue.model import Text
from apparch.finding import Answer, Finding
from apparch.repository import Problem
from apparch.repository.dockerfile import parse_dockerfile


def img015(app: AppRepo) -> Iterator[Answer]:
    """Every base image is pinned by digest."""
    for path in app.dockerfiles:
        instructions = app.root.parsed(path, parse_dockerfile)
        if isinstance(instructions, Problem):
            continue
        stages = {each.words[2].lower() for each in instructions if each.name == "FROM" and len(each.words) > 2}
        for each in instructions:
            image = each.words[0] if each.name == "FROM" and each.words else "scratch"
            if image != "scratch" and image.lower() not in stages and "@sha256:" not in image and "$" not in image:
                message = Text(ko=f"{image}에 다이제스트가 없다", en=f"{image} has no digest")
                yield Finding("IMG015", each.place, message)
