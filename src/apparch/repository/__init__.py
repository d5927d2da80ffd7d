"""What a repository is: a bounded, read-only view of its files, parsed on demand; a malformed file is a value."""

from apparch.repository.listing import Bounds, Entry
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.view import Made, Repository

__all__ = ["Bounds", "Entry", "Made", "Node", "Place", "Problem", "Repository"]
