"""The error that ends a rendering: it carries the problem, with its place."""

from __future__ import annotations

from apparch.repository.places import Place, Problem


class CannotRenderError(Exception):
    """The layer cannot be rendered as kustomize would; the problem says where and why."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(place, message)
