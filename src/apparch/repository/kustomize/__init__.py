"""An honest subset of kustomize: what it renders, kustomize renders alike; what it does not understand, it says."""

from apparch.repository.kustomize.build import Rendering, render

__all__ = ["Rendering", "render"]
