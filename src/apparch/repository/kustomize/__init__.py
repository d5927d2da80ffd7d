"""kustomize without running it: what is rendered, kubectl renders alike; what is not understood is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apparch.repository.kustomize.build import Rendering, plain, render

__all__ = ["Rendering", "plain", "render"]


def __getattr__(name: str) -> object:
    """Loaded when it is asked for: what an image or a file is called is known without the rest."""
    if name in __all__:
        from apparch.repository.kustomize import build

        return getattr(build, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
