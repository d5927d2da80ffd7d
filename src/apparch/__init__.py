"""The App repository architecture as an executable specification."""

from __future__ import annotations

# Type checkers believe in what is below; `typing` itself would cost more than the rest of a start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from apparch.assess import Options, check
    from apparch.report.model import Report

__version__ = "3.0.0"
__all__ = ["Options", "Report", "__version__", "check"]


def __getattr__(name: str) -> object:
    """`check`, `Options` and `Report`, loaded when they are asked for: the command line starts without them."""
    if name in ("Options", "check"):
        from apparch import assess

        return getattr(assess, name)
    if name == "Report":
        from apparch.report.model import Report

        return Report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
