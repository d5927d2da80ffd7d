"""The App repository architecture as an executable specification."""

__version__ = "3.0.0"
