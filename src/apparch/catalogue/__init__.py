"""What the rules are: their texts in both languages, read from one YAML file a family."""

from apparch.catalogue.load import CatalogueError, load_catalogue
from apparch.catalogue.model import LANGUAGES, Catalogue, Family, Language, Review, Rule, Text

__all__ = [
    "LANGUAGES",
    "Catalogue",
    "CatalogueError",
    "Family",
    "Language",
    "Review",
    "Rule",
    "Text",
    "load_catalogue",
]
