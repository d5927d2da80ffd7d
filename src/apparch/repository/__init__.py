"""What a repository is: a bounded, read-only view of its files, parsed on demand; a malformed file is a value."""

from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.view import Bounds, Repository

__all__ = ["Bounds", "Node", "Place", "Problem", "Repository"]
