"""The image: its name, its tag, and that all environments run the same one (App document 4.3, 5.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.side import AppSide
from apparch.contract.model import Judgement, Side, app, deploy
from apparch.contract.pair import Environment, Pair
from apparch.deploy.overlay import Overlay, short_name
from apparch.deploy.pods import SERVING, containers
from apparch.deploy.stages import stage
from apparch.repository import Node, Place, Problem
from apparch.repository.kustomize.image_name import split_image
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.nearest import closest

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
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{0,30}://[^\s\"']{0,2000}", re.IGNORECASE)
AUTOMATION = (".github/workflows/", "_shared/scripts/", "argocd/")


def judge(pair: Pair) -> Iterator[Judgement]:
    """The name in the base, the name and the tag after the overlay, and what names tags beside the manifests."""
    yield from _judge_arguments(pair)
    yield from _judge_automation(pair)
    yield from pair.each(_judge)


def _judge(here: Environment) -> Iterator[Judgement]:
    side, overlay = here.app, here.overlay
    if side.image is None:
        return
    published = app(side.image.place, side.image)
    if overlay.container is None:
        yield _nobody(published, side, overlay)
        return
    image = overlay.container.at("image")
    original = image.earlier or image
    base = split_image(original.text or "")[0]
    wrong = f"the base runs {base or 'no image'}, and the App publishes {side.image}: correct the image's name"
    yield Judgement("TAG005", "image name", (published, deploy(original, base)), "" if here.names_image else wrong)
    final, tag, digest = split_image(image.text or "")
    short = final.rpartition("/")[2]
    if here.names_image:
        wrong = (
            f"this environment runs {final}, and the App publishes one image, {side.image}: remove newName, or "
            "change only the registry in it"
        )
        yield Judgement(
            "OWN022", "image name", (published, deploy(image, final)), "" if short == side.image.short else wrong
        )
    # A name that is wrong keeps the overlay from setting the tag: one repair mends both.
    hidden = tag == "unset" and not here.names_image
    if short == side.image.short and not hidden and "${" not in (image.text or ""):
        yield _judge_tag(side, overlay, image, tag, digest)
        yield from _judge_others(side, overlay, image)


def _nobody(published: Side, side: AppSide, overlay: Overlay) -> Judgement:
    """No workload can be told to be the app's: what runs is named, and that nothing more was compared."""
    running = {
        split_image(each.at("image").text or "")[0]: each.at("image")
        for node in overlay.rendering.of_kind(*SERVING)
        for each in containers(node)
        if each.at("image").text
    }
    if not running:
        wrong = f"no Deployment runs the App's image {side.image}: add one; nothing else here is compared"
        return Judgement("TAG005", "image", (published, deploy(overlay.file, "no Deployment")), wrong)
    assert side.image is not None
    near = closest(side.image.short, (each.rpartition("/")[2] for each in running), 0.3)
    chosen = next((each for each in running if each.rpartition("/")[2] == near), next(iter(running)))
    wrong = (
        f"no workload runs the App's image {side.image}, but {', '.join(sorted(running)[:5])}: correct the name; "
        "nothing else of this environment is compared"
    )
    return Judgement("TAG005", "image", (published, deploy(running[chosen], chosen)), wrong)


def _judge_tag(side: AppSide, overlay: Overlay, image: Node, tag: str, digest: str) -> Judgement:
    pinned = bool(IMMUTABLE.fullmatch(tag)) or re.fullmatch(r"sha256:[0-9a-f]{64}", digest) is not None
    # A developer's own cluster runs any tag (TAG003).
    pinned = pinned or (tag not in ("", "unset") and stage(overlay.name) == "development")
    said = f"the tag is {tag or 'missing'}, which the App never publishes for good"
    where = deploy(image.place if image.earlier else overlay.file, f"{tag or digest}")
    idle = None if image.earlier else _idle(overlay, image)
    if idle is not None:
        base = split_image(image.text or "")[0]
        wrong = f"{said}: the entry of images for {idle} matches nothing here; its name must be {base}"
        where = deploy(idle, str(idle))
    else:
        wrong = f"{said}: set newTag to vX.Y.Z, vX.Y.Z-rc.N or sha-<40 hex digits>"
    sides = (app(side.tag_place, "vX.Y.Z, sha-<commit>"), where, *([] if image.earlier else [deploy(image, tag)]))
    return Judgement("IMG007", "image tag", sides, "" if pinned else wrong)


def _idle(overlay: Overlay, image: Node) -> Node | None:
    """The entry of `images` that was to set this tag and matches no image of the rendering."""
    touched = {
        str(split_image(str(each.earlier))[0])
        for node in overlay.rendering.objects
        for each in node.walk()
        if each.earlier is not None
    }
    names = [each.at("name") for each in overlay.images if each.at("name").text and each.at("name").text not in touched]
    near = closest(split_image(image.text or "")[0], (str(each) for each in names), 0.0)
    return next((each for each in names if each.text == near), None)


def _judge_others(side: AppSide, overlay: Overlay, image: Node) -> Iterator[Judgement]:
    """Workers run the image that the app runs; Jobs are the migration's business."""
    assert side.image is not None
    for each in overlay.running:
        other = each.container.at("image")
        if kind(each.workload) in ("Job", "CronJob") or short_name(other) != side.image.short or other is image:
            continue
        wrong = (
            f"{kind(each.workload)} {name(each.workload)} runs {other}, and the app {image}: let one images entry of "
            "the overlay set both"
        )
        sides = (app(side.image.place, side.image), deploy(other), deploy(image))
        subject = f"image of {kind(each.workload)} {name(each.workload)}"
        yield Judgement("OWN022", subject, sides, "" if other.text == image.text else wrong)


def _judge_arguments(pair: Pair) -> Iterator[Judgement]:
    """Build arguments that carry an environment."""
    for each in pair.app.instructions:
        argument = re.split(r"[=\s]", each.argument)[0]
        if each.name == "ARG" and argument.upper() in ENVIRONMENT_ARGUMENTS:
            wrong = (
                f"the image is built with {argument}, so environments would need images of their own: make it a "
                "variable that is read at start"
            )
            sides = (app(each.place, each.argument), pair.anywhere)
            yield Judgement("OWN022", f"ARG {argument}", sides, wrong)


def _judge_automation(pair: Pair) -> Iterator[Judgement]:
    """Mutable tags in deploy automation."""
    side, other = pair.app, pair.deploy
    if side.image is None:
        return
    for path in other.repository.matching(*AUTOMATION):
        text = other.repository.text(path)
        if isinstance(text, Problem):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            # An address of a service may hold a password, and what looks like a tag in it is none.
            for match in REFERENCE.finditer(ADDRESS.sub(" ", line)):
                ours = match[1].rpartition("/")[1:] == ("/", side.image.short)
                if ours and not IMMUTABLE.fullmatch(match[2]) and match[2] != "unset":
                    wrong = f"deploy automation names the tag {match[2]}: name an immutable one"
                    sides = (app(side.tag_place, "vX.Y.Z, sha-<commit>"), deploy(Place(path, number), match[0]))
                    yield Judgement("IMG007", path, sides, wrong)
