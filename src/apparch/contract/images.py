"""The image: its name, its tag, and that all environments run the same one (App document 4.3, 5.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.contract.app_side import AppSide
from apparch.contract.deploy_side import DeploySide, Overlay
from apparch.contract.model import Judgement, app, deploy
from apparch.repository import Place, Problem
from apparch.repository.kustomize.image_name import split_image

NUMBER = "(0|[1-9][0-9]{0,9})"
IMMUTABLE = re.compile(rf"v{NUMBER}\.{NUMBER}\.{NUMBER}(-rc\.{NUMBER})?|sha-[0-9a-f]{{40}}")
ENVIRONMENT_ARGUMENTS = frozenset(
    [
        "ENV",
        "ENVIRONMENT",
        "APP_ENV",
        "DEPLOY_ENV",
        "RUN_ENV",
        "NODE_ENV",
        "STAGE",
        "DEPLOYMENT_ENVIRONMENT",
        "TARGET_ENV",
        "PROFILE",
    ]
)
REFERENCE = re.compile(r"(?<![\w./-])([\w./-]{1,300}):([\w.-]{1,128})")
AUTOMATION = (".github/workflows/*", "_shared/scripts/*", "argocd/*")


def name_fits(side: AppSide, overlay: Overlay) -> bool:
    """Whether the base names the App's image: where it does not, its tag and the Job's image say nothing."""
    if overlay.container is None or side.image is None:
        return False
    image = overlay.container.at("image")
    return side.image.fits(split_image(str(image.earlier or image))[0])


def judge(side: AppSide, overlay: Overlay) -> Iterator[Judgement]:
    """The name in the base, the name and the tag after the overlay."""
    if side.image is None:
        return
    published = app(side.image.place, side.image)
    if overlay.container is None:
        wrong = f"no Deployment runs the App's image {side.image}: add one"
        yield Judgement("TAG005", "image", (published, deploy(overlay.file, "no Deployment")), wrong)
        return
    image = overlay.container.at("image")
    original = image.earlier or image
    name = split_image(original.text or "")[0]
    wrong = f"the base runs {name or 'no image'}, and the App publishes {side.image}: correct the image's name"
    yield Judgement(
        "TAG005", "image name", (published, deploy(original, name)), "" if name_fits(side, overlay) else wrong
    )
    if not name_fits(side, overlay):
        return
    final, tag, digest = split_image(image.text or "")
    short = final.rpartition("/")[2]
    wrong = (
        f"this environment runs {final}, and the App publishes one image, {side.image}: remove newName, or "
        "change only the registry in it"
    )
    yield Judgement(
        "OWN022", "image name", (published, deploy(image, final)), "" if short == side.image.short else wrong
    )
    pinned = bool(IMMUTABLE.fullmatch(tag)) or re.fullmatch(r"sha256:[0-9a-f]{64}", digest) is not None
    wrong = (
        f"the tag is {tag or 'missing'}, which the App never publishes for good: set newTag to vX.Y.Z, "
        "vX.Y.Z-rc.N or sha-<40 hex digits>"
    )
    where = deploy(image.place if image.earlier else overlay.file, f"{tag or digest}")
    sides = (app(side.tag_place, "vX.Y.Z, sha-<commit>"), where, *([] if image.earlier else [deploy(image, tag)]))
    yield Judgement("IMG007", "image tag", sides, "" if pinned else wrong)


def judge_repositories(side: AppSide, other: DeploySide) -> Iterator[Judgement]:
    """Build arguments that carry an environment, and mutable tags in deploy automation."""
    for each in side.instructions:
        name = re.split(r"[=\s]", each.argument)[0]
        if each.name == "ARG" and name.upper() in ENVIRONMENT_ARGUMENTS:
            wrong = (
                f"the image is built with {name}, so environments would need images of their own: make it a "
                "variable that is read at start"
            )
            sides = (app(each.place, each.argument), other.anywhere)
            yield Judgement("OWN022", f"ARG {name}", sides, wrong)
    if side.image is None:
        return
    for path in other.repository.matching(*AUTOMATION):
        text = other.repository.text(path)
        if isinstance(text, Problem):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            for match in REFERENCE.finditer(line):
                ours = match[1].rpartition("/")[1:] == ("/", side.image.short)
                if ours and not IMMUTABLE.fullmatch(match[2]) and match[2] != "unset":
                    wrong = f"deploy automation names the tag {match[2]}: name an immutable one"
                    sides = (app(side.tag_place, "vX.Y.Z, sha-<commit>"), deploy(Place(path, number), match[0]))
                    yield Judgement("IMG007", path, sides, wrong)
