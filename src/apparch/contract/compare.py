"""The comparison: every link of the contract, judged for every environment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from apparch.app.published import PublishedSide
from apparch.app.side import AppSide
from apparch.contract import (
    boundary,
    bounds,
    drift,
    image,
    logs,
    metrics,
    migration,
    port,
    probes,
    references,
    resources,
    stop,
    tag,
    variables,
)
from apparch.contract.model import Judgement
from apparch.contract.pair import Judge, Pair
from apparch.deploy.side import OVERLAYS, DeploySide
from apparch.repository import Repository

JUDGES: dict[str, Judge] = {
    "variables": variables.judge,
    "tag": tag.judge,
    "image": image.judge,
    "migration": migration.judge,
    "port": port.judge,
    "probes": probes.judge,
    "stop": stop.judge,
    "bounds": bounds.judge,
    "logs": logs.judge,
    "metrics": metrics.judge,
    "resources": resources.judge,
    "selectors": references.judge,
    "boundary": boundary.judge,
}
"""The judge of each link, in the order of the links."""


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


def compare_with_published(app: Repository, text: str, path: str, *, app_dir: str = "") -> Comparison:
    """Judge an App repository by the contract that its last image published, without a Deploy repository."""
    side = AppSide(app.below(app_dir), app)
    return Comparison((path,), tuple(drift.judge(side, PublishedSide(text, path), text, path)))


def _compare(side: AppSide, deploy: Repository, overlays: str) -> Comparison:
    other = DeploySide(deploy, side.image.short if side.image else "", overlays)
    pair = Pair(side, other)
    judgements = (found for judge in JUDGES.values() for found in judge(pair))
    compared = tuple(each.name for each in other.overlays if each.rendering.problem is None)
    unread = tuple(each.name for each in other.overlays if each.rendering.problem is not None)
    return Comparison(compared, _merged(judgements), (*unread, *other.lost))


def _merged(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """What several environments share is said once."""
    merged: dict[Judgement, tuple[str, ...]] = {}
    for each in judgements:
        bare = replace(each, overlays=())
        merged[bare] = tuple(dict.fromkeys((*merged.get(bare, ()), *each.overlays)))
    return tuple(replace(bare, overlays=overlays) for bare, overlays in merged.items())
