"""The contract between an App repository and its Deploy repository, read from both and judged link by link."""

from apparch.contract.compare import Comparison, compare, compare_published, compare_with_published
from apparch.contract.model import Judgement, Side

__all__ = ["Comparison", "Judgement", "Side", "compare", "compare_published", "compare_with_published"]
