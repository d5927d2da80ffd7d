"""The comparison: every link of the contract, judged for every environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from apparch.contract import (
    boundary,
    bounds,
    image,
    images,
    logs,
    metrics,
    migration,
    ports,
    probes,
    references,
    resources,
    variables,
)
from apparch.contract.app_side import AppSide
from apparch.contract.deploy_side import OVERLAYS, DeploySide, Overlay
from apparch.contract.model import LINKS, Judgement
from apparch.contract.published import PublishedSide
from apparch.contract.settings import Settings
from apparch.repository import Repository


@dataclass(frozen=True)
class Comparison:
    """Everything that was compared."""

    overlays: tuple[str, ...]
    """The environments that were compared."""
    judgements: tuple[Judgement, ...]
    uncompared: tuple[str, ...] = ()
    """The environments that could not be rendered or found: a finding says why."""

    @property
    def findings(self) -> tuple[Judgement, ...]:
        """What disagrees."""
        return tuple(each for each in self.judgements if each.wrong)


def compare(app: Repository, deploy: Repository, *, app_dir: str = "", overlays: str = OVERLAYS) -> Comparison:
    """Judge two repositories; reads files only, and a file that cannot be read is a finding.

    `app_dir` is where the app lies in a repository of several, `overlays` a pattern of the environments' directories,
    or a directory that holds them and ends in a slash.
    """
    return _compare(AppSide(app.below(app_dir), app), deploy, overlays)


def compare_published(text: str, path: str, deploy: Repository, overlays: str = OVERLAYS) -> Comparison:
    """Judge a Deploy repository by the contract that its image published, without the App repository."""
    return _compare(PublishedSide(text, path), deploy, overlays)


def _compare(side: AppSide, deploy: Repository, overlays: str) -> Comparison:
    other = DeploySide(deploy, side.image.short if side.image else "", overlays)
    judgements = [
        *ports.judge_app(side),
        *images.judge_repositories(side, other),
        *migration.judge_app(side, other),
        *resources.judge_app(side, other),
        *metrics.judge_names(side, other),
    ]
    for overlay in other.overlays:
        if overlay.rendering.problem is None:
            judgements += [replace(each, overlays=(overlay.name,)) for each in _judge(side, other, overlay)]
    # Last, because reading on demand finds more that cannot be read.
    judgements += boundary.judge(side, other)
    compared = tuple(each.name for each in other.overlays if each.rendering.problem is None)
    unread = tuple(each.name for each in other.overlays if each.rendering.problem is not None)
    return Comparison(compared, _merged(judgements), (*unread, *other.lost))


def _judge(side: AppSide, other: DeploySide, overlay: Overlay) -> Iterator[Judgement]:
    settings = Settings(side, overlay, other.repository)
    yield from variables.judge(side, overlay, other.repository)
    yield from images.judge(side, overlay)
    yield from image.judge(side, overlay)
    yield from migration.judge(side, overlay)
    yield from ports.judge(side, overlay, settings)
    yield from probes.judge(side, overlay, settings)
    yield from probes.judge_stop(side, overlay, settings)
    yield from bounds.judge(side, overlay, settings)
    yield from logs.judge(side, overlay)
    yield from metrics.judge_scrape(side, overlay, other)
    yield from resources.judge(side, overlay)
    yield from references.judge(overlay, other)


def _merged(judgements: list[Judgement]) -> tuple[Judgement, ...]:
    """What several environments share is said once; in the order of the links."""
    merged: dict[Judgement, tuple[str, ...]] = {}
    for each in judgements:
        bare = replace(each, overlays=())
        merged[bare] = tuple(dict.fromkeys((*merged.get(bare, ()), *each.overlays)))
    order = list(LINKS)
    found = [replace(bare, overlays=overlays) for bare, overlays in merged.items()]
    return tuple(sorted(found, key=lambda each: order.index(each.link)))
