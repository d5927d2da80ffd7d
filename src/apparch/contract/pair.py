"""Two repositories side by side: what every judge of a link is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from apparch.app.side import AppSide
from apparch.contract.model import Judgement, Side
from apparch.contract.settings import Settings
from apparch.deploy.overlay import Overlay
from apparch.deploy.side import DeploySide
from apparch.deploy.supply import Supplied, supplies
from apparch.repository import Node
from apparch.repository.kustomize.image_name import split_image


@dataclass(frozen=True)
class Environment:
    """One environment that could be rendered, with the app that runs in it."""

    app: AppSide
    overlay: Overlay
    deploy: DeploySide

    def supplied(self, container: Node) -> Supplied:
        """What a container is given."""
        known = self._supplied.get(id(container))
        if known is None:
            known = self._supplied[id(container)] = supplies(self.deploy.repository, self.overlay, container)
        return known

    @cached_property
    def _supplied(self) -> dict[int, Supplied]:
        return {}

    @cached_property
    def settings(self) -> Settings:
        """What takes effect in the app's container."""
        container = self.overlay.container
        return Settings(self.app, self.supplied(container).effective if container is not None else {})

    @property
    def names_image(self) -> bool:
        """Whether the base names the App's image: where it does not, a Job's image says nothing of it."""
        if self.overlay.container is None or self.app.image is None:
            return False
        image = self.overlay.container.at("image")
        return self.app.image.fits(split_image(str(image.earlier or image))[0])


@dataclass(frozen=True)
class Pair:
    """An App repo and its Deploy repo."""

    app: AppSide
    deploy: DeploySide

    @cached_property
    def environments(self) -> tuple[Environment, ...]:
        """Those that could be rendered."""
        overlays = (each for each in self.deploy.overlays if each.rendering.problem is None)
        return tuple(Environment(self.app, each, self.deploy) for each in overlays)

    def each(self, judge: Callable[[Environment], Iterator[Judgement]]) -> Iterator[Judgement]:
        """What is judged in every environment, each judgement with the environment that it was seen in."""
        for environment in self.environments:
            for found in judge(environment):
                yield replace(found, overlays=(environment.overlay.name,))

    @property
    def anywhere(self) -> Side:
        """A place that stands for the whole Deploy repo."""
        overlays = self.deploy.overlays
        return Side("deploy", self.deploy.home, overlays[0].name if overlays else "no overlay")


Judge = Callable[[Pair], Iterator[Judgement]]
"""What every link has one of."""
