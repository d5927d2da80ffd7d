"""kustomize without running it: what is rendered, kubectl renders alike; what is not understood is said."""

from apparch.repository.kustomize.build import Rendering, plain, render

__all__ = ["Rendering", "plain", "render"]
