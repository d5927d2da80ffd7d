"""The command line: thin commands over what the package offers, each with its options in a module of its own."""

from apparch.cli.main import main

__all__ = ["main"]
